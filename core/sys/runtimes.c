/* SPDX-License-Identifier: MIT */
#include "sys/runtimes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { LINKS_MAX = 16, VERSION_MAX = 64 };

/* How the version is found when the name of the file does not have it. */
enum rule {
	BY_NAME,    /* not at all */
	BY_JAVA,    /* JAVA_VERSION="17.0.9" in ../release */
	BY_GO,      /* "go1.21.6" in ../VERSION */
	BY_NODE,    /* #define NODE_MAJOR_VERSION 20 in ../include/node/node_version.h */
	BY_PACKAGE, /* Debian's or Alpine's list of what is installed */
};

static const struct {
	char name[16];
	uint8_t rule;
	char package[20]; /* that has the command; "": as the command */
} known[] = {
	{ "bash", BY_PACKAGE, "" },    { "clang", BY_PACKAGE, "" },
	{ "cmake", BY_PACKAGE, "" },   { "dotnet", BY_NAME, "" },
	{ "gcc", BY_PACKAGE, "" },     { "go", BY_GO, "golang-go" },
	{ "java", BY_JAVA, "" },       { "julia", BY_PACKAGE, "" },
	{ "lua", BY_NAME, "" },        { "make", BY_PACKAGE, "" },
	{ "node", BY_NODE, "nodejs" }, { "perl", BY_PACKAGE, "perl-base" },
	{ "php", BY_NAME, "" },        { "python", BY_NAME, "" },
	{ "python3", BY_PACKAGE, "" }, { "ruby", BY_NAME, "" },
	{ "rustc", BY_PACKAGE, "" },   { "tclsh", BY_NAME, "" },
};

void runtimes_release(struct runtimes *runtimes)
{
	for (size_t i = 0; i < runtimes->len; i++) {
		strbuf_release(&runtimes->items[i].path);
		strbuf_release(&runtimes->items[i].version);
		strbuf_release(&runtimes->items[i].source);
	}
	vec_release(runtimes);
}

const char *version_in_name(const char *name)
{
	const char *end = name + strlen(name);
	const char *at = end;

	while (at > name && ((at[-1] >= '0' && at[-1] <= '9') || at[-1] == '.'))
		at--;
	while (*at == '.')
		at++;
	return at;
}

/* Is it a file somebody may execute? Rights of the running user do not count in a tree. */
static bool is_command(const struct machine *m, const char *path)
{
	int fd = machine_openat(m, path, O_PATH);
	struct stat st;
	bool is = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0;

	if (fd >= 0)
		(void)close(fd);
	return is;
}

/* Replaces the path, without a slash in front, by what a link there leads to. False: no link. */
static bool follow(const struct machine *m, struct strbuf *path)
{
	AUTO_RELEASE_STRBUF struct strbuf target = { 0 };
	const char *slash;

	if (machine_read_link(m, strbuf_str(path), &target) < 0 || target.len == 0)
		return false;
	if (target.data[0] == '/') {
		strbuf_clear(path);
		strbuf_add_str(path, strbuf_str(&target) + 1);
		return true;
	}
	slash = strrchr(strbuf_str(path), '/');
	strbuf_truncate(path, slash != NULL ? (size_t)(slash + 1 - path->data) : 0);
	strbuf_add(path, target.data, target.len);
	return true;
}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static void keep_version(struct runtime *r, const char *version, size_t len, const char *source)
{
	if (len == 0 || len > VERSION_MAX || memchr(version, '\0', len) != NULL)
		return;
	strbuf_clear(&r->version);
	strbuf_add(&r->version, version, len);
	strbuf_clear(&r->source);
	strbuf_add_format(&r->source, "/%s", source);
}

/* The number behind `word` in a text; "" when it is not there. */
static size_t number_behind(const struct strbuf *text, const char *word, const char **ret)
{
	const char *at = strstr(strbuf_str(text), word);
	size_t len = 0;

	if (at == NULL)
		return 0;
	at += strlen(word);
	while ((at[len] >= '0' && at[len] <= '9') || at[len] == '.' || at[len] == '_' ||
	       (len > 0 && at[len] == '+'))
		len++;
	*ret = at;
	return len;
}

/* A file beside the directory that the real command is in. */
static int read_beside(const struct machine *m, const struct strbuf *real, const char *file,
                       struct strbuf *path, struct strbuf *ret)
{
	const char *slash = strrchr(strbuf_str(real), '/');
	size_t len = slash != NULL ? (size_t)(slash - real->data) : 0;

	while (len > 0 && real->data[len - 1] != '/')
		len--;
	strbuf_clear(path);
	strbuf_add(path, strbuf_str(real), len);
	strbuf_add_str(path, file);
	return machine_read(m, strbuf_str(path), MACHINE_FILE_MAX, ret);
}

static void read_file(const struct machine *m, const struct strbuf *real, const char *file,
                      const char *word, struct runtime *r)
{
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	const char *version = NULL;
	size_t len;

	if (read_beside(m, real, file, &path, &text) < 0)
		return;
	len = number_behind(&text, word, &version);
	keep_version(r, version, len, strbuf_str(&path));
}

static void read_node(const struct machine *m, const struct strbuf *real, struct runtime *r)
{
	static const char words[][40] = { "define NODE_MAJOR_VERSION ",
		                          "define NODE_MINOR_VERSION ",
		                          "define NODE_PATCH_VERSION " };
	AUTO_RELEASE_STRBUF struct strbuf path = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf text = { 0 };
	AUTO_RELEASE_STRBUF struct strbuf version = { 0 };

	if (read_beside(m, real, "include/node/node_version.h", &path, &text) < 0)
		return;
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *digits = NULL;
		size_t len = number_behind(&text, words[i], &digits);

		if (len == 0)
			return;
		if (i != 0)
			strbuf_add_char(&version, '.');
		strbuf_add(&version, digits, len);
	}
	keep_version(r, strbuf_str(&version), version.len, strbuf_str(&path));
}

/* Lists of installed packages, read once for all runtimes; the largest has some megabytes. */
struct packages {
	bool is_read;
	bool is_apk;
	struct strbuf text;
};

static void read_packages(const struct machine *m, struct packages *p)
{
	enum { LIST_MAX = 64 << 20 };

	if (p->is_read)
		return;
	p->is_read = true;
	if (machine_read(m, "var/lib/dpkg/status", LIST_MAX, &p->text) == 0)
		return;
	p->is_apk = machine_read(m, "lib/apk/db/installed", LIST_MAX, &p->text) == 0;
}

/* The lines of one package: from "Package: NAME" to the empty line. */
static const char *find_package(const struct packages *p, const char *name, size_t *ret_len)
{
	char line[64];
	const char *at;
	const char *end;

	(void)snprintf(line, sizeof(line), "%s%s\n", p->is_apk ? "P:" : "Package: ", name);
	at = strbuf_str(&p->text);
	do {
		at = strstr(at, line);
		if (at == NULL)
			return NULL;
		if (at == p->text.data || at[-1] == '\n')
			break;
		at++;
	} while (true);
	end = strstr(at, "\n\n");
	*ret_len = end != NULL ? (size_t)(end - at) : strlen(at);
	return at;
}

/* "4:12.2.0-3" is the upstream's 12.2.0, packaged. */
static void read_package(const struct machine *m, const char *name, struct packages *p,
                         struct runtime *r)
{
	const char *text;
	const char *version;
	size_t len;
	const char *line;
	const char *end;
	size_t line_len;

	read_packages(m, p);
	text = find_package(p, name, &len);
	if (text == NULL)
		return;
	end = text + len;
	while ((line = text_line(&text, end, &line_len)) != NULL) {
		const char *epoch;

		if (!text_key(line, line_len, p->is_apk ? "V" : "Version", &version, &len))
			continue;
		epoch = memchr(version, ':', len);
		if (epoch != NULL) {
			len -= (size_t)(epoch + 1 - version);
			version = epoch + 1;
		}
		for (size_t i = 0; i < len; i++)
			if (strchr("-+~", version[i]) != NULL)
				len = i;
		keep_version(r, version, len,
		             p->is_apk ? "lib/apk/db/installed" : "var/lib/dpkg/status");
		return;
	}
}

/* Commands elsewhere are not from packages. */
static bool is_of_system(const char *path)
{
	return strncmp(path, "/usr/bin/", 9) == 0 || strncmp(path, "/bin/", 5) == 0;
}

static void learn_version(const struct machine *m, size_t index, struct packages *packages,
                          struct runtime *r)
{
	AUTO_RELEASE_STRBUF struct strbuf real = { 0 };
	const char *package = known[index].package;
	const char *by_name;

	strbuf_add_str(&real, strbuf_str(&r->path) + 1);
	for (int i = 0; i < LINKS_MAX && follow(m, &real); i++)
		;
	by_name = version_in_name(base_of(strbuf_str(&real)));
	/* python3 is no version of python3. */
	if (strcmp(base_of(strbuf_str(&real)), r->name) != 0)
		keep_version(r, by_name, strlen(by_name), strbuf_str(&real));
	switch ((enum rule)known[index].rule) {
	case BY_JAVA:
		read_file(m, &real, "release", "JAVA_VERSION=\"", r);
		break;
	case BY_GO:
		read_file(m, &real, "VERSION", "go", r);
		break;
	case BY_NODE:
		read_node(m, &real, r);
		break;
	case BY_NAME:
	case BY_PACKAGE:
		break;
	}
	/* The package's word is exact, but only about the system's own commands. */
	if (known[index].rule != BY_NAME && is_of_system(strbuf_str(&r->path)) &&
	    strchr(strbuf_str(&r->version), '.') == NULL)
		read_package(m, package[0] != '\0' ? package : known[index].name, packages, r);
}

/* The first directory of the list that has the command. */
static bool find_command(const struct machine *m, const char *list, const char *name,
                         struct strbuf *ret)
{
	while (*list != '\0') {
		size_t len = strcspn(list, ":");

		strbuf_clear(ret);
		strbuf_add(ret, list, len);
		strbuf_add_format(ret, "/%s", name);
		if (list[0] == '/' && is_command(m, strbuf_str(ret) + 1))
			return true;
		list += len + (list[len] == ':');
	}
	return false;
}

void runtimes_find(const struct machine *m, const char *path, struct runtimes *ret)
{
	struct packages packages = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct runtime r = { 0 };

		if (!find_command(m, path, known[i].name, &r.path)) {
			strbuf_release(&r.path);
			continue;
		}
		(void)snprintf(r.name, sizeof(r.name), "%s", known[i].name);
		learn_version(m, i, &packages, &r);
		vec_push(ret, r);
	}
	strbuf_release(&packages.text);
}
