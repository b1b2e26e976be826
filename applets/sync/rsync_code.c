/* SPDX-License-Identifier: MIT */
/* The letters that rsync's -i begins a line with; "--itemize-changes" in rsync(1) defines them. */
#include "sync.h"

#include <dirent.h>

static char kind_of(const struct sync_item *item)
{
	switch (item->type) {
	case DT_DIR:
		return 'd';
	case DT_LNK:
		return 'L';
	case DT_CHR:
	case DT_BLK:
		return 'D';
	case DT_REG:
		return 'f';
	default:
		return 'S';
	}
}

static char update_of(const struct sync_item *item)
{
	switch (item->action) {
	case SYNC_COPY:
	case SYNC_UPDATE:
		return '>';
	case SYNC_MKDIR:
	case SYNC_SYMLINK:
	case SYNC_SPECIAL:
		return 'c';
	case SYNC_HARDLINK:
		return 'h';
	case SYNC_META:
	case SYNC_DELETE:
	case SYNC_KEEP:
	case SYNC_SKIP:
		break;
	}
	return '.';
}

void sync_add_code(struct strbuf *line, const struct sync_item *item)
{
	unsigned d = item->differs;
	char code[] = "..........."
		      " ";

	if (item->action == SYNC_DELETE) {
		strbuf_add_str(line, "*deleting   ");
		return;
	}
	code[0] = update_of(item);
	code[1] = kind_of(item);
	if ((d & (DIFFERS_NEW | DIFFERS_TYPE)) != 0) {
		memset(code + 2, '+', 9);
	} else {
		bool content = (d & (DIFFERS_CONTENT | DIFFERS_TARGET)) != 0;

		/* A time that differs explains the copy; else it was the content. */
		code[2] = content && (d & DIFFERS_TIME) == 0 ? 'c' : '.';
		code[3] = (d & DIFFERS_SIZE) != 0 ? 's' : '.';
		code[4] = (d & DIFFERS_TIME) != 0 ? 't' : '.';
		code[5] = (d & DIFFERS_MODE) != 0 ? 'p' : '.';
		code[6] = (d & DIFFERS_OWNER) != 0 ? 'o' : '.';
		code[7] = (d & DIFFERS_GROUP) != 0 ? 'g' : '.';
		code[9] = (d & DIFFERS_ACL) != 0 ? 'a' : '.';
		code[10] = (d & DIFFERS_ATTRIBUTES) != 0 ? 'x' : '.';
	}
	strbuf_add_str(line, code);
}
