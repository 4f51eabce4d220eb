/* A slower disk for PostgreSQL: every flush of a write-ahead log file takes SLOWDISK_US microseconds longer.
 *
 * Preloaded (LD_PRELOAD) into the server, it stands before the C library's fdatasync and fsync. Other files are flushed as
 * ever, because production disks differ from development ones where a commit waits for them: in the log. Nothing is left
 * out: the true flush is done first.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef int (*flush)(int);

/* in_log says whether a file descriptor is a file of the write-ahead log. */
static int in_log(int fd)
{
	char link[32], path[4096];
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	if (n < 0)
		return 0;
	path[n] = 0;
	return strstr(path, "/pg_wal/") != NULL;
}

static int slow(const char *name, int fd)
{
	flush real = (flush)dlsym(RTLD_NEXT, name);
	int result = real(fd);
	int saved = errno;
	const char *us = getenv("SLOWDISK_US");
	if (us != NULL && in_log(fd)) {
		long wait = atol(us);
		struct timespec t = { wait / 1000000, wait % 1000000 * 1000 };
		while (nanosleep(&t, &t) != 0 && errno == EINTR)
			;
	}
	errno = saved;
	return result;
}

int fdatasync(int fd) { return slow("fdatasync", fd); }
int fsync(int fd) { return slow("fsync", fd); }
