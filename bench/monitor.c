/*
 * Writes down when the kernel told of what: links with their carrier, IPv4 and IPv6 routes, IPv4 rules.
 *
 *   monitor
 *
 * One line of JSON each, with CLOCK_MONOTONIC in milliseconds. A route notification is sent by the kernel after the
 * change has been made and just before it is acknowledged to whoever asked for it.
 */
#include "netlink.h"
#include <linux/fib_rules.h>

static void show_link(const struct ifinfomsg *link)
{
	char name[IF_NAMESIZE] = "?";
	if_indextoname(link->ifi_index, name);
	printf("{\"atMs\":%.4f,\"type\":\"link\",\"name\":\"%s\",\"carrier\":%s}\n", now_ms(), name,
	       has_carrier(link) ? "true" : "false");
}

static void show_route(const struct nlmsghdr *m)
{
	const struct rtmsg *route = NLMSG_DATA(m);
	int rest = RTM_PAYLOAD(m);
	unsigned table = route->rtm_table, metric = 0, device = 0;
	for (struct rtattr *a = RTM_RTA(route); RTA_OK(a, rest); a = RTA_NEXT(a, rest)) {
		if (a->rta_type == RTA_TABLE) table = *(unsigned *)RTA_DATA(a);
		if (a->rta_type == RTA_PRIORITY) metric = *(unsigned *)RTA_DATA(a);
		if (a->rta_type == RTA_OIF) device = *(unsigned *)RTA_DATA(a);
	}
	char name[IF_NAMESIZE] = "";
	if_indextoname(device, name);
	printf("{\"atMs\":%.4f,\"type\":\"route\",\"name\":\"%s\",\"isNew\":%s,\"family\":\"%s\",\"table\":%u,\"protocol\":%u,"
	       "\"metric\":%u,\"prefixLength\":%u}\n",
	       now_ms(), name, m->nlmsg_type == RTM_NEWROUTE ? "true" : "false",
	       route->rtm_family == AF_INET ? "ipv4" : "ipv6", table, route->rtm_protocol, metric, route->rtm_dst_len);
}

static void show_rule(const struct nlmsghdr *m)
{
	const struct fib_rule_hdr *rule = NLMSG_DATA(m);
	int rest = NLMSG_PAYLOAD(m, sizeof *rule);
	unsigned table = rule->table, priority = 0, protocol = 0;
	struct rtattr *a = (struct rtattr *)((char *)rule + NLMSG_ALIGN(sizeof *rule));
	for (; RTA_OK(a, rest); a = RTA_NEXT(a, rest)) {
		if (a->rta_type == FRA_TABLE) table = *(unsigned *)RTA_DATA(a);
		if (a->rta_type == FRA_PRIORITY) priority = *(unsigned *)RTA_DATA(a);
		if (a->rta_type == FRA_PROTOCOL) protocol = *(unsigned char *)RTA_DATA(a);
	}
	printf("{\"atMs\":%.4f,\"type\":\"rule\",\"isNew\":%s,\"priority\":%u,\"table\":%u,\"protocol\":%u}\n", now_ms(),
	       m->nlmsg_type == RTM_NEWRULE ? "true" : "false", priority, table, protocol);
}

int main(void)
{
	be_punctual();
	int fd = netlink_socket(RTMGRP_LINK | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE | RTMGRP_IPV4_RULE);
	puts("ready");
	fflush(stdout);
	for (;;) {
		char buffer[65536];
		int length = recv(fd, buffer, sizeof buffer, 0);
		for (struct nlmsghdr *m = (struct nlmsghdr *)buffer; NLMSG_OK(m, (unsigned)length); m = NLMSG_NEXT(m, length)) {
			if (m->nlmsg_type == RTM_NEWLINK) show_link(NLMSG_DATA(m));
			if (m->nlmsg_type == RTM_NEWROUTE || m->nlmsg_type == RTM_DELROUTE) show_route(m);
			if (m->nlmsg_type == RTM_NEWRULE || m->nlmsg_type == RTM_DELRULE) show_rule(m);
		}
		fflush(stdout);
	}
}
