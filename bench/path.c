/*
 * Tells by which interface the kernel would send a packet from an unbound socket, without sending one.
 *
 *   path ADDRESS INTERVAL
 *
 * It asks (RTM_GETROUTE) every INTERVAL microseconds and writes one line of JSON when the answer changes, with
 * CLOCK_MONOTONIC in milliseconds. No way at all is an empty name.
 */
#include "netlink.h"

static int ask(int fd, struct in_addr to)
{
	struct {
		struct nlmsghdr header;
		struct rtmsg route;
		struct rtattr attribute;
		struct in_addr to;
	} request = {{sizeof request, RTM_GETROUTE, NLM_F_REQUEST, 1, 0},
	             {.rtm_family = AF_INET, .rtm_dst_len = 32},
	             {RTA_LENGTH(sizeof to), RTA_DST},
	             to};
	char buffer[8192];
	if (send(fd, &request, sizeof request, 0) < 0) return -1;
	int length = recv(fd, buffer, sizeof buffer, 0);
	struct nlmsghdr *m = (struct nlmsghdr *)buffer;
	if (length <= 0 || !NLMSG_OK(m, (unsigned)length) || m->nlmsg_type != RTM_NEWROUTE) return 0;
	const struct rtmsg *route = NLMSG_DATA(m);
	int rest = RTM_PAYLOAD(m);
	for (struct rtattr *a = RTM_RTA(route); RTA_OK(a, rest); a = RTA_NEXT(a, rest))
		if (a->rta_type == RTA_OIF) return *(int *)RTA_DATA(a);
	return 0;
}

int main(int argc, char **argv)
{
	struct in_addr to;
	if (argc != 3 || inet_pton(AF_INET, argv[1], &to) != 1 || atol(argv[2]) <= 0) {
		fprintf(stderr, "usage: path ADDRESS INTERVAL\n");
		return 2;
	}
	be_punctual();
	int fd = netlink_socket(0), before = -1;
	for (;;) {
		int now = ask(fd, to);
		if (now != before) {
			char name[IF_NAMESIZE] = "";
			if (now > 0) if_indextoname(now, name);
			printf("{\"atMs\":%.3f,\"name\":\"%s\"}\n", now_ms(), name);
			fflush(stdout);
			before = now;
		}
		usleep(atol(argv[2]));
	}
}
