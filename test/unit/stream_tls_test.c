/* SPDX-License-Identifier: MIT */
/* stream_tls_test.c -- TLS over a connection, at once and after a greeting in clear. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stream.h"
#include "tls_fixtures.h"
#include "tls_peer.h"

#define MS	1000
#define BODY	60000u

static struct loop loop;
static struct stream stream;
static struct loop_fd server;
static struct timer limit;
static uint8_t tx[1 << 15];
static struct tls *session;
static int listener = -1;
static struct sock_to to;
static bool in_clear;			/* STARTTLS is still to come */
static size_t served;			/* bytes of the answer */
static bool cut;			/* the server closes without TLS's close */
static bool anew;			/* the first input begins another connection */

static struct {
	unsigned opens, ends;
	size_t bytes;
	enum stream_end end;
} heard;

/* ---- the server: BearSSL's, on the same loop ---------------------------------------- */

static void
end_server(void)
{
	if (server.fd < 0)
		return;
	loop_del(&loop, &server);
	close(server.fd);
	server.fd = -1;
}

/* Reads one question, answers with BODY bytes and closes. */
static void
serve_engine(void)
{
	size_t n = 0;
	unsigned char *p = br_ssl_engine_recvapp_buf(&peer_server.eng, &n);

	if (p) {
		assert_memory_equal(p, "question", 8);
		br_ssl_engine_recvapp_ack(&peer_server.eng, n);
		served = BODY;
	}
	p = br_ssl_engine_sendapp_buf(&peer_server.eng, &n);
	if (p && served > 0) {
		n = n < served ? n : served;
		memset(p, 'a', n);
		br_ssl_engine_sendapp_ack(&peer_server.eng, n);
		served -= n;
		br_ssl_engine_flush(&peer_server.eng, 0);
		if (served == 0 && !cut)
			br_ssl_engine_close(&peer_server.eng);
	}
}

static void
on_server(struct loop_fd *f, uint32_t events, struct mono now)
{
	size_t n = 0;
	unsigned char *p;

	(void)events, (void)now;
	if (in_clear) {
		char line[64];
		const ssize_t got = recv(f->fd, line, sizeof line, 0);

		if (got >= 8 && memcmp(line, "STARTTLS", 8) == 0) {
			in_clear = false;
			assert_int_equal(send(f->fd, "220 go\r\n", 8, 0), 8);
		}
		return;
	}
	p = br_ssl_engine_recvrec_buf(&peer_server.eng, &n);
	if (p) {
		const ssize_t got = recv(f->fd, p, n, 0);

		if (got > 0)
			br_ssl_engine_recvrec_ack(&peer_server.eng, (size_t)got);
		else if (got == 0 || errno != EAGAIN) {
			end_server();
			return;
		}
	}
	serve_engine();
	p = br_ssl_engine_sendrec_buf(&peer_server.eng, &n);
	if (p) {
		const ssize_t sent = send(f->fd, p, n, MSG_NOSIGNAL);

		if (sent > 0)
			br_ssl_engine_sendrec_ack(&peer_server.eng, (size_t)sent);
	}
	p = br_ssl_engine_sendrec_buf(&peer_server.eng, &n);
	const unsigned state = br_ssl_engine_current_state(&peer_server.eng);

	if (state & BR_SSL_CLOSED || (cut && served == 0 && !p && heard.opens && heard.bytes)) {
		end_server();
		return;
	}
	loop_mod(&loop, &server, EPOLLIN | (p || served ? EPOLLOUT : 0u));
}

static void
on_listener(struct loop_fd *f, uint32_t events, struct mono now)
{
	(void)events, (void)now;
	server = (struct loop_fd){ .fd = accept(f->fd, NULL, NULL), .ready = on_server };
	fcntl(server.fd, F_SETFL, O_NONBLOCK);
	assert_int_equal(loop_add(&loop, &server, EPOLLIN), 0);
	if (in_clear)
		assert_int_equal(send(server.fd, "220 hello\r\n", 11, 0), 11);
}

static struct loop_fd listening = { .ready = on_listener };

/* ---- the owner ---------------------------------------------------------------------- */

static void
on_open(struct stream *s, struct mono now)
{
	heard.opens++;
	if (!in_clear)
		assert_true(stream_send(s, "question", 8, now));
}

static const struct stream_ops ops;

/* As a check does that has another page to fetch. */
static void
begin_anew(struct stream *s, struct mono now)
{
	anew = false;
	stream_close(s, false);
	end_server();
	served = 0;
	assert_true(br_ssl_server_reset(&peer_server));
	assert_true(tls_start(session, &peer_conf, peer_mem, TLS_PEER_NOW));
	stream_init(s, &loop, &ops, tx, sizeof tx);
	assert_int_equal(stream_open(s, &to, session, now), 0);
}

static void
on_input(struct stream *s, const uint8_t *p, size_t n, struct mono now)
{
	if (anew) {
		begin_anew(s, now);
		return;
	}
	if (!s->tls) {
		if (n >= 8 && memcmp(p, "220 go", 6) == 0) {
			assert_true(tls_start(session, &peer_conf, peer_mem, TLS_PEER_NOW));
			stream_tls(s, session, now);
		} else {
			assert_true(stream_send(s, "STARTTLS\r\n", 10, now));
		}
		return;
	}
	for (size_t i = 0; i < n; i++)
		assert_int_equal(p[i], 'a');
	heard.bytes += n;
}

static void
on_end(struct stream *s, enum stream_end end, int err, struct mono now)
{
	(void)s, (void)err, (void)now;
	heard.ends++;
	heard.end = end;
	loop_stop(&loop);
}

static const struct stream_ops ops = { .open = on_open, .input = on_input, .end = on_end };

static void
out_of_time(struct timer *timer, struct mono now)
{
	(void)timer, (void)now;
	loop_stop(&loop);
}

static void
run(int ms)
{
	timer_arm(&loop.timers, &limit, mono_add(loop_clock(), ms * (int64_t)MS));
	loop_run(&loop);
	timer_stop(&loop.timers, &limit);
}

static int
set_up(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;

	(void)state;
	memset(&heard, 0, sizeof heard);
	in_clear = cut = anew = false;
	served = 0;
	server.fd = -1;
	peer_reset();
	peer_trust(FIXTURE_CA, "www.example.test");
	peer_serve(FIXTURE_SERVER, FIXTURE_SERVER_KEY);
	assert_true(br_ssl_server_reset(&peer_server));
	session = tls_get();
	assert_int_equal(loop_open(&loop), 0);
	timer_init(&limit, out_of_time);
	stream_init(&stream, &loop, &ops, tx, sizeof tx);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &len), 0);
	listening.fd = listener;
	assert_int_equal(loop_add(&loop, &listening, EPOLLIN), 0);
	to = (struct sock_to){ .addr = { AF_INET, { 127, 0, 0, 1 } },
				 .port = ntohs(a.sin_port), .bind_if = "" };
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	stream_close(&stream, true);
	end_server();
	close(listener);
	loop_close(&loop);
	tls_put(session);
	return 0;
}

static void
connect_tls(void)
{
	assert_true(tls_start(session, &peer_conf, peer_mem, TLS_PEER_NOW));
	assert_int_equal(stream_open(&stream, &to, session, loop_clock()), 0);
	run(5000);
}

static void
a_question_and_a_long_answer_in_tls(void **state)
{
	(void)state;
	connect_tls();
	assert_int_equal(heard.opens, 1);
	assert_int_equal(heard.bytes, BODY);
	assert_int_equal(heard.ends, 1);
	assert_int_equal(heard.end, STREAM_EOF);
	assert_int_equal(tls_verdict(session), TLS_OK);
	assert_true(stream.io.fd < 0);
}

/* The client has the last word of such a handshake: nothing comes in that could tell. */
static void
a_session_that_is_taken_up_opens_it_too(void **state)
{
	static br_ssl_session_cache_lru cache;
	static unsigned char cached[4096];
	struct tls_kept kept;
	struct tls_peer peer;

	(void)state;
	br_ssl_session_cache_lru_init(&cache, cached, sizeof cached);
	br_ssl_server_set_cache(&peer_server, &cache.vtable);
	assert_true(tls_start(session, &peer_conf, peer_mem, TLS_PEER_NOW));
	while (!tls_ready(session) && peer_move(session, 100000))
		;
	assert_true(tls_keep(session, &kept, loop_clock()));
	assert_true(br_ssl_server_reset(&peer_server));
	assert_true(tls_start_again(session, &peer_conf, peer_mem, TLS_PEER_NOW, &kept));
	assert_int_equal(stream_open(&stream, &to, session, loop_clock()), 0);
	run(5000);
	tls_peer(session, &peer);
	assert_true(peer.again);
	assert_int_equal(heard.opens, 1);
	assert_int_equal(heard.bytes, BODY);
	assert_int_equal(heard.end, STREAM_EOF);
}

static void
an_answer_that_is_cut_is_no_end(void **state)
{
	(void)state;
	cut = true;
	connect_tls();
	run(100);
	end_server();
	if (heard.ends == 0)
		run(2000);
	assert_int_equal(heard.end, STREAM_TLS);
	assert_int_equal(tls_verdict(session), TLS_CUT);
}

static void
a_certificate_that_fails_ends_it_before_anything_is_sent(void **state)
{
	(void)state;
	peer_trust(FIXTURE_OTHER_CA, "www.example.test");
	connect_tls();
	assert_int_equal(heard.opens, 0);
	assert_int_equal(heard.ends, 1);
	assert_int_equal(heard.end, STREAM_TLS);
	assert_int_equal(tls_verdict(session), TLS_NO_CHAIN);
	assert_true(stream.io.fd < 0);
}

static void
a_server_of_another_protocol_is_told_apart(void **state)
{
	(void)state;
	in_clear = true;		/* it greets */
	connect_tls();
	assert_int_equal(heard.opens, 0);
	assert_int_equal(heard.end, STREAM_TLS);
	assert_int_equal(tls_verdict(session), TLS_NOT_TLS);
}

static void
tls_may_begin_later(void **state)
{
	(void)state;
	in_clear = true;
	assert_int_equal(stream_open(&stream, &to, NULL, loop_clock()), 0);
	run(5000);
	assert_int_equal(heard.opens, 2);
	assert_int_equal(heard.bytes, BODY);
	assert_int_equal(heard.end, STREAM_EOF);
}

static void
a_close_while_it_shakes_hands_is_quiet(void **state)
{
	(void)state;
	assert_true(tls_start(session, &peer_conf, peer_mem, TLS_PEER_NOW));
	assert_int_equal(stream_open(&stream, &to, session, loop_clock()), 0);
	while (!stream.connected)
		run(1);
	stream_close(&stream, true);
	run(100);
	assert_int_equal(heard.opens, 0);
	assert_int_equal(heard.ends, 0);
}

/* What is read of the one is not taken for the other's, though both have one struct. */
static void
a_stream_that_is_begun_anew_in_its_own_input_is_another(void **state)
{
	(void)state;
	anew = true;
	connect_tls();
	assert_int_equal(heard.opens, 2);
	assert_int_equal(heard.bytes, BODY);
	assert_int_equal(heard.ends, 1);
	assert_int_equal(heard.end, STREAM_EOF);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_question_and_a_long_answer_in_tls),
		TEST(a_session_that_is_taken_up_opens_it_too),
		TEST(an_answer_that_is_cut_is_no_end),
		TEST(a_certificate_that_fails_ends_it_before_anything_is_sent),
		TEST(a_server_of_another_protocol_is_told_apart),
		TEST(tls_may_begin_later),
		TEST(a_close_while_it_shakes_hands_is_quiet),
		TEST(a_stream_that_is_begun_anew_in_its_own_input_is_another),
	};

	return cmocka_run_group_tests_name("stream_tls", tests, 0, 0);
}
