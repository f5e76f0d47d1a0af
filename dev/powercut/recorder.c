/*
 * Records what a process asks of the disk below one directory, in the order in which it asks: for LD_PRELOAD.
 *
 *   DISK_ROOT      the directory; files elsewhere are left alone
 *   DISK_TRACE     the file that the record is written to
 *   DISK_FAILURE   while a file of this name exists, syncing a file that ends in ".log" fails with EIO
 *
 * One lock is held during each operation, so that the record has the very order that the disk saw. An entry of it is,
 * little-endian: operation (1 byte), inode (8), a number (8), lengths of two byte strings (4, 4), and these.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 1, WRITE, RESIZE, SYNC, SYNC_DIRECTORY, MKDIR, RENAME, UNLINK, LINK };
enum { FILES = 65536, NONE = 0, A_FILE, A_DIRECTORY };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char kinds[FILES];
static char *paths[FILES];
static const char *root;
static const char *failure;
static int trace = -1;

#define REAL(name) ((__typeof__(&name)) real(#name))

static void *real(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (!function) abort();
  return function;
}

static void prepare(void) {
  static int prepared;
  if (prepared) return;
  prepared = 1;
  root = getenv("DISK_ROOT");
  failure = getenv("DISK_FAILURE");
  const char *name = getenv("DISK_TRACE");
  if (name) trace = syscall(SYS_openat, AT_FDCWD, name, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0666);
}

static void enter(void) {
  pthread_mutex_lock(&lock);
  prepare();
}

static void leave(void) {
  int kept = errno;
  pthread_mutex_unlock(&lock);
  errno = kept;
}

static int is_ours(const char *path) {
  size_t length = root ? strlen(root) : 0;
  return length && !strncmp(path, root, length) && (path[length] == '/' || !path[length]);
}

static void record(uint8_t operation, uint64_t inode, uint64_t number, const void *a, size_t a_size, const void *b, size_t b_size) {
  if (trace < 0) return;
  struct __attribute__((packed)) { uint8_t operation; uint64_t inode, number; uint32_t a, b; } head = {operation, inode, number, a_size, b_size};
  struct iovec parts[] = {{&head, sizeof head}, {(void *) a, a_size}, {(void *) b, b_size}};
  int kept = errno;
  ssize_t all = sizeof head + a_size + b_size;
  if (syscall(SYS_writev, trace, parts, 3) != all) {
    fprintf(stderr, "the record of the disk cannot be written: %s\n", strerror(errno));
    abort();
  }
  errno = kept;
}

static void record_path(uint8_t operation, uint64_t inode, const char *path, const char *other) {
  record(operation, inode, 0, path, strlen(path), other, other ? strlen(other) : 0);
}

static uint64_t inode_of(int file) {
  struct stat found;
  if (fstat(file, &found)) abort();
  return found.st_ino;
}

static int is_known(int file, int kind) { return file >= 0 && file < FILES && kinds[file] == kind; }

/* Opening */

static int opened(const char *path, int flags, mode_t mode, __typeof__(&open) open_it) {
  if (!path) return open_it(path, flags, mode);
  enter();
  int ours = is_ours(path);
  struct stat before;
  int existed = ours && !stat(path, &before);
  int file = open_it(path, flags, mode);
  if (file >= 0 && file < FILES && ours) {
    struct stat found;
    if (fstat(file, &found)) abort();
    kinds[file] = S_ISDIR(found.st_mode) ? A_DIRECTORY : A_FILE;
    free(paths[file]);
    paths[file] = strdup(path);
    if (!existed) record_path(CREATE, found.st_ino, path, NULL);
    else if ((flags & O_TRUNC) && before.st_size > 0) record(RESIZE, found.st_ino, 0, NULL, 0, NULL, 0);
  }
  leave();
  return file;
}

#define OPENER(name)                                                  \
  int name(const char *path, int flags, ...) {                        \
    va_list rest;                                                     \
    va_start(rest, flags);                                            \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, int) : 0; \
    va_end(rest);                                                     \
    return opened(path, flags, mode, REAL(name));                     \
  }
OPENER(open)
OPENER(open64)

int close(int file) {
  enter();
  if (file >= 0 && file < FILES) kinds[file] = NONE;
  int result = REAL(close)(file);
  leave();
  return result;
}

/* Writing: what goes elsewhere, such as to sockets, must not wait for the lock. */

static ssize_t written_here(int file, const void *bytes, ssize_t size) {
  if (size > 0) record(WRITE, inode_of(file), lseek(file, 0, SEEK_CUR) - size, bytes, size, NULL, 0);
  return size;
}

ssize_t write(int file, const void *bytes, size_t size) {
  if (!is_known(file, A_FILE)) return REAL(write)(file, bytes, size);
  enter();
  ssize_t result = written_here(file, bytes, REAL(write)(file, bytes, size));
  leave();
  return result;
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  if (!is_known(file, A_FILE)) return REAL(writev)(file, parts, count);
  ssize_t sum = 0;
  for (int i = 0; i < count; i++) {
    ssize_t size = write(file, parts[i].iov_base, parts[i].iov_len);
    if (size < 0) return sum ? sum : size;
    sum += size;
    if ((size_t) size < parts[i].iov_len) break;
  }
  return sum;
}

#define PWRITER(name, offset_type)                                                    \
  ssize_t name(int file, const void *bytes, size_t size, offset_type offset) {        \
    if (!is_known(file, A_FILE)) return REAL(name)(file, bytes, size, offset);        \
    enter();                                                                          \
    ssize_t result = REAL(name)(file, bytes, size, offset);                           \
    if (result > 0) record(WRITE, inode_of(file), offset, bytes, result, NULL, 0);    \
    leave();                                                                          \
    return result;                                                                    \
  }
PWRITER(pwrite, off_t)
PWRITER(pwrite64, off64_t)

#define RESIZER(name, size_type)                                                      \
  int name(int file, size_type size) {                                                \
    enter();                                                                          \
    int result = REAL(name)(file, size);                                              \
    if (!result && is_known(file, A_FILE)) record(RESIZE, inode_of(file), size, NULL, 0, NULL, 0); \
    leave();                                                                          \
    return result;                                                                    \
  }
RESIZER(ftruncate, off_t)
RESIZER(ftruncate64, off64_t)

int fallocate(int file, int mode, off_t offset, off_t size) {
  enter();
  int result = REAL(fallocate)(file, mode, offset, size);
  if (!result && is_known(file, A_FILE) && !(mode & FALLOC_FL_KEEP_SIZE)) {
    struct stat found;
    if (fstat(file, &found)) abort();
    record(RESIZE, found.st_ino, found.st_size, NULL, 0, NULL, 0);
  }
  leave();
  return result;
}

/* Syncing */

static int ends_with_log(const char *path) {
  size_t length = strlen(path);
  return length > 4 && !strcmp(path + length - 4, ".log");
}

static int synced(int file, int (*sync_it)(int)) {
  if (!is_known(file, A_FILE) && !is_known(file, A_DIRECTORY)) return sync_it(file);
  enter();
  int result;
  if (failure && ends_with_log(paths[file]) && !access(failure, F_OK)) {
    errno = EIO;
    result = -1;
  } else {
    result = sync_it(file);
    if (!result && kinds[file] == A_FILE) record(SYNC, inode_of(file), 0, NULL, 0, NULL, 0);
    else if (!result) record_path(SYNC_DIRECTORY, 0, paths[file], NULL);
  }
  leave();
  return result;
}

int fsync(int file) { return synced(file, REAL(fsync)); }
int fdatasync(int file) { return synced(file, REAL(fdatasync)); }

/* Names */

int mkdir(const char *path, mode_t mode) {
  enter();
  int result = REAL(mkdir)(path, mode);
  if (!result && is_ours(path)) record_path(MKDIR, 0, path, NULL);
  leave();
  return result;
}

int rename(const char *from, const char *to) {
  enter();
  int result = REAL(rename)(from, to);
  if (!result && is_ours(from)) record_path(RENAME, 0, from, to);
  leave();
  return result;
}

int link(const char *from, const char *to) {
  enter();
  int result = REAL(link)(from, to);
  if (!result && is_ours(from)) record_path(LINK, 0, from, to);
  leave();
  return result;
}

#define REMOVER(name)                                          \
  int name(const char *path) {                                 \
    enter();                                                   \
    int result = REAL(name)(path);                             \
    if (!result && is_ours(path)) record_path(UNLINK, 0, path, NULL); \
    leave();                                                   \
    return result;                                             \
  }
REMOVER(unlink)
REMOVER(rmdir)
