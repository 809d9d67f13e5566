/* SPDX-License-Identifier: MIT */
/* talk_rows.c -- the ready-made dialogues.
 *
 * Each proves more than an open port: that the server has begun its protocol and, where the
 * protocol tells, that it would serve.  None needs a password.
 */
#include "talk.h"

#define SAY(s)		.send = (const uint8_t *)(s), .send_n = sizeof(s) - 1
#define HEAR(s)		.expect = (const uint8_t *)(s), .expect_n = sizeof(s) - 1
#define MASK(s)		.mask = (const uint8_t *)(s)
#define ANYWHERE	.anywhere = true

/* Login of a user "upkeep" without a password (client protocol 4.1), which the server reads after
 * its greeting.  A connection that ends without one counts as broken, and after some of them
 * the server locks this router out. */
#define MYSQL_LOGIN							\
	"\x28\0\0\1" "\x00\x82\x00\x00" "\0\0\0\1" "\x21"		\
	"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" "upkeep\0" "\0"

/* { hello: 1, $db: "admin" } in an OP_MSG. */
#define MONGODB_HELLO							\
	"\x34\0\0\0" "\1\0\0\0" "\0\0\0\0" "\xdd\x07\0\0" "\0\0\0\0" "\0"	\
	"\x1f\0\0\0" "\x10hello\0" "\1\0\0\0" "\x02$db\0" "\6\0\0\0" "admin\0" "\0"

const struct talk_row talk_rows[] = {
	/* The answer, of whatever kind, is the packet with number 2; a greeting that is an error,
	 * like too many connections, has none behind it. */
	{ "mysql", "MySQL or MariaDB answers a login as `upkeep`, let in or not; some account must "
	  "be for this router's address",
	  SAY(MYSQL_LOGIN), HEAR("\0\0\2"), ANYWHERE },
	{ "postgresql", "PostgreSQL is ready and asks `upkeep` to authenticate (pg_hba.conf)",
	  SAY("\0\0\0\x27" "\0\3\0\0" "user\0upkeep\0" "database\0postgres\0\0"),
	  HEAR("R\0\0\0"), MASK("\xff\xff\xff\0") },
	/* Either 'S' or 'N', and not 'E'. */
	{ "postgresql_ssl", "PostgreSQL answers whether it speaks TLS; it may still be starting",
	  SAY("\0\0\0\x08\x04\xd2\x16\x2f"), HEAR("\x42"), MASK("\xe2") },
	{ "redis", "Redis or Sentinel answers PING; it must not want a password",
	  SAY("*1\r\n$4\r\nPING\r\n"), HEAR("+PONG\r\n") },
	/* resultCode success and the matchedDN behind it, whatever form the lengths have. */
	{ "ldap", "an LDAP server accepts an anonymous bind",
	  SAY("\x30\x0c\2\1\1\x60\7\2\1\3\4\0\x80\0"), HEAR("\x0a\1\0\4"), ANYWHERE },
	{ "memcached", "memcached tells its version", SAY("version\r\n"), HEAR("VERSION ") },
	{ "mongodb", "MongoDB answers hello with ok",
	  SAY(MONGODB_HELLO), HEAR("\1ok\0\0\0\0\0\0\0\xf0\x3f"), ANYWHERE },
	{ "imap", "an IMAP server greets", HEAR("* OK") },
	{ "pop3", "a POP3 server greets", HEAR("+OK") },
	{ "ftp", "an FTP server greets", HEAR("220") },
	{ "nntp", "a news server greets, posting allowed or not",
	  HEAR("200"), MASK("\xff\xff\xfe") },
	{ "lmtp", "an LMTP server greets", HEAR("220") },
	{ "ssh", "an SSH server tells its version", HEAR("SSH-") },
	{ "rsync", "an rsync daemon greets", HEAR("@RSYNCD: ") },
	{ "amqp", "an AMQP 0-9-1 broker begins a connection",
	  SAY("AMQP\0\0\x09\1"), HEAR("\1\0\0\0\0\0\0\0\x0a\0\x0a"),
	  MASK("\xff\xff\xff\0\0\0\0\xff\xff\xff\xff") },
	{ "mqtt", "an MQTT 3.1.1 broker accepts a client `upkeep` without a password",
	  SAY("\x10\x12\0\4MQTT\4\2\0\x3c\0\6upkeep"), HEAR("\x20\2\0\0") },
	{ "kafka", "a Kafka broker tells what it can",
	  SAY("\0\0\0\x0a\0\x12\0\0\0\0\0\1\xff\xff"), HEAR("\0\0\0\0\0\0\0\1\0\0"),
	  MASK("\xff\0\0\0\xff\xff\xff\xff\xff\xff") },
	{ "zookeeper", "ZooKeeper answers ruok (4lw.commands.whitelist)",
	  SAY("ruok"), HEAR("imok") },
	{ "clamd", "clamd answers PING", SAY("zPING\0"), HEAR("PONG") },
	{ "spamd", "spamd answers PING",
	  SAY("PING SPAMC/1.2\r\n\r\n"), HEAR(" 0 PONG"), ANYWHERE },
	{ .name = NULL },
};
