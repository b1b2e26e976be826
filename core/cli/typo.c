/* SPDX-License-Identifier: MIT */
#include "cli/typo.h"

enum { TYPO_WORD_MAX = 63 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

unsigned typo_distance(const char *a, const char *b)
{
	unsigned rows[3][TYPO_WORD_MAX + 1];
	size_t n = strlen(a);
	size_t m = strlen(b);

	if (n > TYPO_WORD_MAX || m > TYPO_WORD_MAX)
		return TYPO_WORD_MAX + 1;
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = (unsigned)j;
	for (size_t i = 1; i <= n; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i - 1) % 3];
		const unsigned *above2 = rows[(i + 1) % 3];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= m; j++) {
			unsigned change = above[j - 1] + (a[i - 1] != b[j - 1]);

			row[j] = least(change, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = least(row[j], above2[j - 2] + 1);
		}
	}
	return rows[n % 3][m];
}

bool typo_is_near(const char *typed, unsigned distance)
{
	return distance <= 1 + strlen(typed) / 4 && distance < strlen(typed);
}

struct nearest {
	const char *typed;
	const char *name;
	unsigned distance;
};

static bool compare(const struct opt_hit *row, void *user)
{
	struct nearest *n = user;
	const char *name = opt_name(row->opt);
	unsigned distance;

	if (name[0] == '\0')
		return true;
	distance = typo_distance(n->typed, name);
	if (n->name == NULL || distance < n->distance) {
		n->name = name;
		n->distance = distance;
	}
	return true;
}

const char *typo_nearest_option(const struct opt_table *table, const char *typed)
{
	struct nearest n = { .typed = typed };

	opt_walk(table, compare, &n);
	opt_walk(&opt_builtin_table, compare, &n);
	return n.name != NULL && typo_is_near(typed, n.distance) ? n.name : NULL;
}
