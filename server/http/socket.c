/* SPDX-License-Identifier: MIT */
/*
 * The listening socket: from an address as written on the command line to a file descriptor that listens.
 *
 *	127.0.0.1:8080   [::1]:8080   localhost:8080   :8080 (all of IPv4 and IPv6)   unix:/run/broadsheet.sock
 *
 * libmicrohttpd could open TCP sockets itself, but not say what went wrong, and not by paths. Names other than localhost
 * are not looked up: which address a name gives is not for a resolver to decide when a server starts.
 *
 * A Unix socket's file outlives a process that was killed. It is removed only when it is a socket that nobody answers; anything
 * else at that path is left alone and refused. Its permissions are set between bind and listen, so there is no moment at
 * which it could be connected to with others.
 */
#include "http_internal.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 511 };

struct socket_at {
	int fd;
	char address[160];
	char path[108];          /* of a Unix socket; empty otherwise */
	dev_t device;            /* of its file, so that nobody else's is removed */
	ino_t inode;
};

static bool failed(const char *address, int number, struct error *err)
{
	if (number == EADDRINUSE)
		return error_set(err, ERROR_CONFLICT, "%s is in use by another program", address);
	if (number == EACCES || number == EPERM)
		return error_set(err, ERROR_FORBIDDEN, "%s cannot be listened on: permission denied", address);
	return error_set(err, ERROR_INVALID, "%s cannot be listened on: %s", address, strerrordesc_np(number));
}

/* --- TCP --- */

/* "host:port" apart; `host` is empty for all addresses. */
static bool split_address(const char *address, char host[64], char port[6], struct error *err)
{
	const char *colon = strrchr(address, ':');
	size_t length;
	bool has_brackets;

	if (colon == NULL)
		return error_set(
		    err, ERROR_INVALID, "\"%s\" is no address: it needs a port, as in 127.0.0.1:8080", address);
	length = (size_t)(colon - address);
	has_brackets = length >= 2 && address[0] == '[' && address[length - 1] == ']';
	if (has_brackets) {
		address++;
		length -= 2;
	}
	if (length >= 64 || (!has_brackets && memchr(address, ':', length) != NULL))
		return error_set(err, ERROR_INVALID,
		    "\"%s\" is no address: an IPv6 address stands in brackets, as in [::1]:8080", address);
	memcpy(host, address, length);
	host[length] = '\0';
	if (strcmp(host, "localhost") == 0)
		memcpy(host, "127.0.0.1", sizeof "127.0.0.1");

	length = strlen(colon + 1);
	if (length == 0 || length > 5 || strspn(colon + 1, "0123456789") != length
	    || strtol(colon + 1, NULL, 10) > 65535)
		return error_set(err, ERROR_INVALID, "\"%s\" is no port: ports are 0 to 65535", colon + 1);
	memcpy(port, colon + 1, length + 1);
	return true;
}

/* A bound and listening socket, or -1 with errno set. */
static int listen_on(const struct addrinfo *info, bool only_v6)
{
	int fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, v6 = only_v6, number;

	if (fd == -1)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (info->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &v6, sizeof v6);
	if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	number = errno;
	close(fd);
	errno = number;
	return -1;
}

/* The address with the port that the system gave. */
static void print_address(struct socket_at *socket_at)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof storage;
	struct sockaddr *name = (struct sockaddr *)&storage;
	const int in_digits = NI_NUMERICHOST | NI_NUMERICSERV;
	char host[64], port[8];

	if (getsockname(socket_at->fd, name, &length) != 0
	    || getnameinfo(name, length, host, sizeof host, port, sizeof port, in_digits) != 0)
		return;
	if (strchr(host, ':') == NULL)
		snprintf(socket_at->address, sizeof socket_at->address, "%s:%s", host, port);
	else
		snprintf(socket_at->address, sizeof socket_at->address, "[%s]:%s", host, port);
}

/* A listening socket, or -1 with errno set; EDOM when the host is not written in digits. */
static int listen_at(const char *host, const char *port, bool only_v6)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	struct addrinfo *info;
	int fd, number;

	if (getaddrinfo(host, port, &hints, &info) != 0) {
		errno = EDOM;
		return -1;
	}
	fd = listen_on(info, only_v6);
	number = errno;
	freeaddrinfo(info);
	errno = number;
	return fd;
}

static bool open_tcp(struct socket_at *socket_at, const char *address, struct error *err)
{
	char host[64] = "", port[6] = "";
	bool is_all;

	if (!split_address(address, host, port, err))
		return false;
	is_all = host[0] == '\0';
	socket_at->fd = listen_at(is_all ? "::" : host, port, /* only_v6= */ !is_all);
	if (socket_at->fd == -1 && is_all && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL))    /* there is no IPv6 */
		socket_at->fd = listen_at("0.0.0.0", port, /* only_v6= */ false);
	if (socket_at->fd == -1 && errno == EDOM)
		return error_set(err, ERROR_INVALID, "\"%s\" is no address: write it in digits, or localhost", host);
	if (socket_at->fd == -1)
		return failed(address, errno, err);
	print_address(socket_at);
	return true;
}

/* --- Unix sockets --- */

static int connect_to(const struct sockaddr_un *name)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), result, number;

	if (fd == -1)
		return errno;
	result = connect(fd, (const struct sockaddr *)name, sizeof *name);
	number = result == 0 ? 0 : errno;
	close(fd);
	return number;
}

/* Makes room at the path: nothing there, or a socket that nobody answers. */
static bool remove_stale(const struct sockaddr_un *name, struct error *err)
{
	struct stat status;

	if (lstat(name->sun_path, &status) != 0)
		return errno == ENOENT || failed(name->sun_path, errno, err);
	if (!S_ISSOCK(status.st_mode))
		return error_set(err, ERROR_CONFLICT, "%s is there already and is no socket", name->sun_path);
	if (connect_to(name) != ECONNREFUSED)
		return error_set(err, ERROR_CONFLICT, "unix:%s is in use by another program", name->sun_path);
	if (unlink(name->sun_path) != 0)
		return failed(name->sun_path, errno, err);
	return true;
}

static bool open_unix(struct socket_at *socket_at, const char *path, unsigned mode, struct error *err)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX };
	size_t length = strlen(path);
	struct stat status;

	if (length == 0 || length >= sizeof name.sun_path)
		return error_set(err, ERROR_INVALID, "unix:%s is no address: a socket's path has 1 to %zu bytes", path,
		    sizeof name.sun_path - 1);
	memcpy(name.sun_path, path, length + 1);
	if (!remove_stale(&name, err))
		return false;

	socket_at->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (socket_at->fd == -1 || bind(socket_at->fd, (struct sockaddr *)&name, sizeof name) != 0)
		return failed(path, errno, err);
	memcpy(socket_at->path, path, length + 1);
	if (chmod(path, mode) != 0 || stat(path, &status) != 0 || listen(socket_at->fd, BACKLOG) != 0)
		return failed(path, errno, err);
	socket_at->device = status.st_dev;
	socket_at->inode = status.st_ino;
	snprintf(socket_at->address, sizeof socket_at->address, "unix:%s", path);
	return true;
}

/* --- both --- */

struct socket_at *socket_open(const char *address, unsigned unix_mode, struct error *err)
{
	struct socket_at *socket_at = calloc(1, sizeof *socket_at);
	bool ok;

	if (socket_at == NULL) {
		error_set(err, ERROR_INTERNAL, "no memory for a socket");
		return NULL;
	}
	socket_at->fd = -1;
	ok = strncmp(address, "unix:", 5) == 0 ? open_unix(socket_at, address + 5, unix_mode, err)
					       : open_tcp(socket_at, address, err);
	if (ok)
		return socket_at;
	socket_free(socket_at);
	return NULL;
}

int socket_fd(const struct socket_at *socket)
{
	return socket->fd;
}

bool socket_is_unix(const struct socket_at *socket)
{
	return strncmp(socket->address, "unix:", 5) == 0;
}

const char *socket_address(const struct socket_at *socket)
{
	return socket->address;
}

static void remove_file(struct socket_at *socket)
{
	struct stat status;

	if (socket->path[0] != '\0' && lstat(socket->path, &status) == 0 && status.st_dev == socket->device
	    && status.st_ino == socket->inode)
		unlink(socket->path);
	socket->path[0] = '\0';
}

void socket_deafen(struct socket_at *socket)
{
	remove_file(socket);
	shutdown(socket->fd, SHUT_RDWR);
}

void socket_free(struct socket_at *socket)
{
	if (socket == NULL)
		return;
	remove_file(socket);
	if (socket->fd != -1)
		close(socket->fd);
	free(socket);
}
