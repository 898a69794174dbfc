/*
 * The traffic meter: a datagram every INTERVAL microseconds to a far host that sends each one back.
 *
 *   stream echo ADDRESS PORT [ADDRESS PORT ...]
 *   stream send ADDRESS PORT INTERVAL
 *
 * The sender's socket is bound to nothing: the kernel chooses source address and way anew for every datagram. The echo
 * writes into each answer which provider it came through, so the sender knows the path from outside.
 *
 * The sender obeys lines on stdin: `reset` starts a new measurement; `report` answers when every datagram sent so far
 * is answered or given up (after a second); `peek` answers at once. An answer is one line of JSON.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define RING 65536
#define GIVE_UP_MS 1000.0
#define GAP_MS 5.0
#define MAX_GAPS 256

struct message {
	uint64_t sequence;
	uint32_t path;
	uint32_t padding;
};

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
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
	fprintf(stderr, "stream: %s is no address\n", text);
	exit(2);
}

/* The provider's number: 10.0.NUMBER.2 after NAT, or 2001:db8:NUMBER::/64, whose hexadecimal digits read as decimal. */
static uint32_t path_of(const struct sockaddr_storage *from)
{
	if (from->ss_family == AF_INET)
		return ((const uint8_t *)&((const struct sockaddr_in *)from)->sin_addr)[2];
	const uint8_t *bytes = ((const struct sockaddr_in6 *)from)->sin6_addr.s6_addr;
	return (bytes[4] & 15) * 100 + (bytes[5] >> 4) * 10 + (bytes[5] & 15);
}

/* Measuring must not wait behind what is measured. Not everyone may ask for it; then it goes without. */
static void be_punctual(void)
{
	struct sched_param priority = {.sched_priority = 1};
	sched_setscheduler(0, SCHED_RR, &priority);
}

static int echo(int count, char **arguments)
{
	struct pollfd sockets[8];
	int n = 0;
	for (int i = 0; i + 1 < count && n < 8; i += 2, n++) {
		struct sockaddr_storage own;
		socklen_t length = address_of(arguments[i], arguments[i + 1], &own);
		sockets[n] = (struct pollfd){.fd = socket(own.ss_family, SOCK_DGRAM, 0), .events = POLLIN};
		if (bind(sockets[n].fd, (struct sockaddr *)&own, length) < 0) {
			perror("stream: bind");
			return 1;
		}
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		poll(sockets, n, -1);
		for (int i = 0; i < n; i++) {
			struct message m;
			struct sockaddr_storage from;
			socklen_t length = sizeof from;
			ssize_t got;
			while ((got = recvfrom(sockets[i].fd, &m, sizeof m, MSG_DONTWAIT, (struct sockaddr *)&from, &length)) >= 0) {
				if (got == sizeof m) m.path = path_of(&from);
				sendto(sockets[i].fd, &m, got, 0, (struct sockaddr *)&from, length);
				length = sizeof from;
			}
		}
	}
}

static struct {
	uint64_t first, next, settled; /* sequence numbers: of this measurement, to be sent, all below are decided */
	double sent_at[RING];
	uint8_t answered[RING];
	uint64_t received, lost, send_errors, switches;
	uint32_t path;
	double last_reply, switch_gap, worst_gap, worst_gap_at, recent_gap, worst_delay;
	double gap_at[MAX_GAPS], gap_length[MAX_GAPS];
	int gaps;
} s;

static void reset(void)
{
	s.first = s.next;
	s.received = s.lost = s.send_errors = s.switches = 0;
	s.switch_gap = s.worst_gap = s.worst_gap_at = s.worst_delay = 0;
	s.gaps = 0;
}

static void settle(double now)
{
	while (s.settled < s.next) {
		int slot = s.settled % RING;
		if (!s.answered[slot]) {
			if (now - s.sent_at[slot] < GIVE_UP_MS) return;
			if (s.settled >= s.first) s.lost++;
		}
		s.settled++;
	}
}

static void receive(int fd)
{
	struct message m;
	ssize_t got;
	while ((got = recv(fd, &m, sizeof m, MSG_DONTWAIT)) >= 0 || errno == ECONNREFUSED) {
		if (got != sizeof m || m.sequence < s.settled || m.sequence >= s.next || s.answered[m.sequence % RING]) continue;
		double now = now_ms();
		s.answered[m.sequence % RING] = 1;
		if (m.sequence >= s.first) s.received++;
		double gap = s.last_reply == 0 ? 0 : now - s.last_reply;
		if (m.path != s.path) {
			if (s.path != 0) {
				s.switches++;
				if (gap > s.switch_gap) s.switch_gap = gap;
			}
			s.path = m.path;
		}
		if (gap > s.recent_gap) s.recent_gap = gap;
		if (gap > s.worst_gap) {
			s.worst_gap = gap;
			s.worst_gap_at = s.last_reply;
		}
		if (gap > GAP_MS && s.gaps < MAX_GAPS) {
			s.gap_at[s.gaps] = s.last_reply;
			s.gap_length[s.gaps++] = gap;
		}
		s.last_reply = now;
	}
}

static void report(double now)
{
	double silent = s.last_reply == 0 ? -1 : now - s.last_reply;
	double recent = silent > s.recent_gap ? silent : s.recent_gap;
	s.recent_gap = 0;
	printf("{\"atMs\":%.3f,\"sent\":%llu,\"received\":%llu,\"lost\":%llu,\"sendErrors\":%llu,\"switches\":%llu,\"switchGapMs\":%.3f,\"path\":%u,"
	       "\"outageMs\":%.3f,\"outageAtMs\":%.3f,\"silentMs\":%.3f,\"recentMs\":%.3f,\"ownDelayMs\":%.3f,\"gaps\":[",
	       now, (unsigned long long)(s.next - s.first), (unsigned long long)s.received, (unsigned long long)s.lost,
	       (unsigned long long)s.send_errors, (unsigned long long)s.switches, s.switch_gap, s.path, s.worst_gap, s.worst_gap_at,
	       silent, recent, s.worst_delay);
	for (int i = 0; i < s.gaps; i++)
		printf("%s{\"atMs\":%.3f,\"ms\":%.3f}", i ? "," : "", s.gap_at[i], s.gap_length[i]);
	puts("]}");
	fflush(stdout);
}

static int send_stream(char **arguments)
{
	struct sockaddr_storage far;
	socklen_t length = address_of(arguments[0], arguments[1], &far);
	long interval = atol(arguments[2]);
	if (interval <= 0) return 2;
	int fd = socket(far.ss_family, SOCK_DGRAM, 0);
	int timer = timerfd_create(CLOCK_MONOTONIC, 0);
	struct timespec step = {interval / 1000000, interval % 1000000 * 1000};
	timerfd_settime(timer, 0, &(struct itimerspec){step, step}, NULL);
	struct pollfd events[] = {{fd, POLLIN, 0}, {timer, POLLIN, 0}, {0, POLLIN, 0}};
	uint64_t report_at = UINT64_MAX;
	double last_send = 0;
	puts("ready");
	fflush(stdout);
	for (;;) {
		poll(events, 3, -1);
		receive(fd);
		double now = now_ms();
		if (events[1].revents) {
			uint64_t due = 0;
			if (read(timer, &due, sizeof due) < 0) due = 0;
			double delay = last_send == 0 ? 0 : now - last_send - interval / 1e3;
			if (delay > s.worst_delay) s.worst_delay = delay;
			last_send = now;
			for (; due > 0; due--) {
				struct message m = {.sequence = s.next};
				s.sent_at[s.next % RING] = now;
				s.answered[s.next % RING] = 0;
				s.next++;
				if (sendto(fd, &m, sizeof m, MSG_DONTWAIT, (struct sockaddr *)&far, length) < 0) s.send_errors++;
			}
			settle(now);
		}
		if (events[2].revents) {
			char line[4096];
			ssize_t got = read(0, line, sizeof line - 1);
			if (got <= 0) return 0;
			line[got] = 0;
			for (char *word = strtok(line, "\n"); word; word = strtok(NULL, "\n")) {
				if (!strcmp(word, "reset")) reset();
				if (!strcmp(word, "peek")) report(now);
				if (!strcmp(word, "report")) report_at = s.next;
			}
		}
		if (s.settled >= report_at) {
			report(now);
			report_at = UINT64_MAX;
		}
	}
}

int main(int count, char **arguments)
{
	be_punctual();
	if (count >= 4 && !strcmp(arguments[1], "echo")) return echo(count - 2, arguments + 2);
	if (count == 5 && !strcmp(arguments[1], "send")) return send_stream(arguments + 2);
	fprintf(stderr, "usage: stream echo ADDRESS PORT ... | stream send ADDRESS PORT INTERVAL\n");
	return 2;
}
