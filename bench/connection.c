/*
 * A connection that lasts, by MPTCP or TCP, and how long it stands still.
 *
 *   connection echo ADDRESS PORT            sends back what comes
 *   connection mptcp ADDRESS PORT INTERVAL   sends a byte every INTERVAL microseconds and awaits its echo
 *   connection tcp ADDRESS PORT INTERVAL    the same by plain TCP; connects anew when it ends
 *
 * The sender obeys lines on stdin: `reset` forgets the longest gap; `report` tells it as one line of JSON. Times are in
 * milliseconds since 1970, so that they can be compared with those of a log.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#define SOL_MPTCP 284
#define MPTCP_INFO 1
#define MPTCP_INFO_FLAG_FALLBACK 1

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static socklen_t address_of(const char *text, const char *port, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof *out);
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(atoi(port));
		return sizeof *v4;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(atoi(port));
		return sizeof *v6;
	}
	fprintf(stderr, "connection: %s is no address\n", text);
	exit(2);
}

static int echo(const struct sockaddr_storage *address, socklen_t length)
{
	int one = 1, listener = socket(address->ss_family, SOCK_STREAM, IPPROTO_MPTCP);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (listener < 0 || bind(listener, (const struct sockaddr *)address, length) < 0 || listen(listener, 16) < 0) {
		perror("connection: echo");
		return 1;
	}
	puts("ready");
	fflush(stdout);
	struct pollfd fds[64] = { { .fd = listener, .events = POLLIN } };
	nfds_t count = 1;
	for (;;) {
		poll(fds, count, -1);
		for (nfds_t i = count; i-- > 1;) {
			char buffer[65536];
			if (fds[i].revents == 0)
				continue;
			ssize_t got = recv(fds[i].fd, buffer, sizeof buffer, MSG_DONTWAIT);
			if (got > 0 && send(fds[i].fd, buffer, got, MSG_NOSIGNAL) == got)
				continue;
			if (got < 0 && errno == EAGAIN)
				continue;
			close(fds[i].fd);
			fds[i] = fds[--count];
		}
		if (fds[0].revents != 0 && count < 64) {
			int fd = accept(listener, NULL, NULL);
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
			if (fd >= 0)
				fds[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
		}
	}
}

/* A connected socket; -1 when it cannot be had now. */
static int open_to(const struct sockaddr_storage *address, socklen_t length, int protocol)
{
	int one = 1, fd = socket(address->ss_family, SOCK_STREAM, protocol);
	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (const struct sockaddr *)address, length) == 0)
		return fd;
	close(fd);
	return -1;
}

static int is_multipath(int fd)
{
	unsigned char info[256];
	socklen_t length = sizeof info;
	/* struct mptcp_info: eight counters of one byte, then the flags. */
	unsigned int flags;
	if (getsockopt(fd, SOL_MPTCP, MPTCP_INFO, info, &length) < 0)
		return 0;
	memcpy(&flags, info + 8, sizeof flags);
	return (flags & MPTCP_INFO_FLAG_FALLBACK) == 0;
}

static int send_on(const struct sockaddr_storage *address, socklen_t length, int protocol, long interval)
{
	int fd = open_to(address, length, protocol), timer = timerfd_create(CLOCK_MONOTONIC, 0);
	struct itimerspec each = { { interval / 1000000, interval % 1000000 * 1000 }, { 0, 1 } };
	timerfd_settime(timer, 0, &each, NULL);
	if (fd < 0) {
		perror("connection: connect");
		return 1;
	}
	double last = now_ms(), gap = 0, gap_end = 0, error_at = 0, again_at = 0;
	int error = 0;
	long received = 0;
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct pollfd fds[3] = { { .fd = fd, .events = POLLIN },
					 { .fd = timer, .events = POLLIN },
					 { .fd = 0, .events = POLLIN } };
		char buffer[4096];
		poll(fds, 3, -1);
		double now = now_ms();
		if (fds[0].revents != 0) {
			ssize_t got = recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
			if (got > 0) {
				received += got;
				if (now - last > gap) {
					gap = now - last;
					gap_end = now;
				}
				if (error_at != 0 && again_at == 0)
					again_at = now;
				last = now;
			} else if (got == 0 || errno != EAGAIN) {
				if (error_at == 0) {
					error = got == 0 ? ECONNRESET : errno;
					error_at = now;
				}
				close(fd);
				do
					fd = open_to(address, length, protocol);
				while (fd < 0 && usleep(1000) == 0);
				continue;
			}
		}
		if (fds[1].revents != 0 && read(timer, buffer, 8) == 8)
			send(fd, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (fds[2].revents != 0) {
			ssize_t got = read(0, buffer, sizeof buffer);
			if (got <= 0)
				return 0;
			if (memmem(buffer, got, "reset", 5) != NULL) {
				gap = gap_end = error_at = again_at = 0;
				error = 0;
				last = now;
			}
			if (memmem(buffer, got, "report", 6) != NULL) {
				printf("{\"what\":\"report\",\"multipath\":%s,\"received\":%ld,\"gapMs\":%.3f,\"gapEndMs\":%.3f,"
				       "\"silentMs\":%.3f,\"error\":\"%s\",\"errorAtMs\":%.3f,\"againAtMs\":%.3f}\n",
				       is_multipath(fd) ? "true" : "false", received, gap, gap_end, now - last,
				       error == 0 ? "" : strerrorname_np(error), error_at, again_at);
				fflush(stdout);
			}
		}
	}
}

int main(int count, char **arguments)
{
	struct sockaddr_storage address;
	if (count < 4)
		return 2;
	socklen_t length = address_of(arguments[2], arguments[3], &address);
	if (strcmp(arguments[1], "echo") == 0)
		return echo(&address, length);
	int protocol = strcmp(arguments[1], "tcp") == 0 ? IPPROTO_TCP : IPPROTO_MPTCP;
	return count < 5 ? 2 : send_on(&address, length, protocol, atol(arguments[4]));
}
