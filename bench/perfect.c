/*
 * The floor: what one process can do at best that knows everything beforehand.
 *
 *   perfect INTERFACE GATEWAY [INTERFACE GATEWAY ...]
 *
 * It listens to link notifications and puts the default route (IPv4, main table, metric 1) on the first interface of
 * the list that has a carrier: one request, as soon as the kernel tells. It measures nothing, keeps no neighbour
 * entry, and knows no second family.
 */
#include "netlink.h"

#define MAX_UPLINKS 16

static struct {
	int index, carrier;
	struct in_addr gateway;
} uplinks[MAX_UPLINKS];
static int count, active = -1;

static void route_by(int fd, int uplink)
{
	struct {
		struct nlmsghdr header;
		struct rtmsg route;
		char attributes[64];
	} request = {{NLMSG_LENGTH(sizeof(struct rtmsg)), RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE, 2, 0},
	             {.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
	              .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST},
	             {0}};
	const int metric = 1;
	const struct { int type; const void *value; } attributes[] = {
		{RTA_GATEWAY, &uplinks[uplink].gateway}, {RTA_OIF, &uplinks[uplink].index}, {RTA_PRIORITY, &metric}};
	for (int i = 0; i < 3; i++) {
		struct rtattr *a = (struct rtattr *)((char *)&request + NLMSG_ALIGN(request.header.nlmsg_len));
		a->rta_type = attributes[i].type;
		a->rta_len = RTA_LENGTH(4);
		memcpy(RTA_DATA(a), attributes[i].value, 4);
		request.header.nlmsg_len = NLMSG_ALIGN(request.header.nlmsg_len) + a->rta_len;
	}
	if (send(fd, &request, request.header.nlmsg_len, 0) < 0) perror("perfect: send");
	active = uplink;
}

static void choose(int fd)
{
	for (int i = 0; i < count; i++) {
		if (!uplinks[i].carrier) continue;
		if (i != active) route_by(fd, i);
		return;
	}
}

int main(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc && count < MAX_UPLINKS; i += 2, count++) {
		uplinks[count].index = if_nametoindex(argv[i]);
		if (!uplinks[count].index || inet_pton(AF_INET, argv[i + 1], &uplinks[count].gateway) != 1) {
			fprintf(stderr, "perfect: %s by %s: no such way\n", argv[i], argv[i + 1]);
			return 2;
		}
	}
	be_punctual();
	int events = netlink_socket(RTMGRP_LINK), requests = netlink_socket(0);
	request_links(events);
	int ready = 0;
	for (;;) {
		char buffer[65536];
		int length = recv(events, buffer, sizeof buffer, 0);
		for (struct nlmsghdr *m = (struct nlmsghdr *)buffer; NLMSG_OK(m, (unsigned)length); m = NLMSG_NEXT(m, length)) {
			if (m->nlmsg_type == NLMSG_DONE) ready = 1;
			if (m->nlmsg_type != RTM_NEWLINK) continue;
			const struct ifinfomsg *link = NLMSG_DATA(m);
			for (int i = 0; i < count; i++)
				if (uplinks[i].index == link->ifi_index) uplinks[i].carrier = has_carrier(link);
		}
		if (ready) choose(requests);
		if (ready == 1) {
			ready = 2;
			puts("ready");
			fflush(stdout);
		}
	}
}
