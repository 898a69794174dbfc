/* The little rtnetlink that the programs of the benchmark share. */
#ifndef NETLINK_H
#define NETLINK_H
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* linux/if.h has it too, but not beside net/if.h. */
#define LINK_LOWER_UP 0x10000

static inline double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static inline int netlink_socket(unsigned groups)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_groups = groups};
	if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) < 0) {
		perror("netlink");
		exit(1);
	}
	return fd;
}

/* The floor is a process that is scheduled at once. Not everyone may ask for it; then it goes without. */
static inline void be_punctual(void)
{
	struct sched_param priority = {.sched_priority = 1};
	sched_setscheduler(0, SCHED_RR, &priority);
}

static inline int has_carrier(const struct ifinfomsg *link)
{
	return (link->ifi_flags & IFF_UP) && (link->ifi_flags & LINK_LOWER_UP) && (link->ifi_flags & IFF_RUNNING);
}

static inline void request_links(int fd)
{
	struct {
		struct nlmsghdr header;
		struct ifinfomsg link;
	} request = {{sizeof request, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {.ifi_family = AF_UNSPEC}};
	if (send(fd, &request, sizeof request, 0) < 0) perror("netlink: send");
}
#endif
