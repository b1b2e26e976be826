/* SPDX-License-Identifier: MIT */
#include "fs/member_write.h"

#include "base/mem.h"
#include "fs/member_write_private.h"

struct member_writer {
	const struct member_writer_ops *ops;
	void *state;
};

struct member_writer *member_writer_new(enum member_format format, struct pack *pack,
                                        struct crew *crew, int level)
{
	struct member_writer *w = mem_alloc_zeroed(sizeof(*w));

	switch (format) {
	case MEMBER_TAR:
		w->ops = &tar_writer_ops;
		w->state = tar_writer_new(pack);
		break;
	case MEMBER_CPIO:
		w->ops = &cpio_writer_ops;
		w->state = cpio_writer_new(pack);
		break;
	case MEMBER_ZIP:
		w->ops = &zip_writer_ops;
		w->state = zip_writer_new(pack, crew, level);
		break;
	}
	return w;
}

int member_writer_begin(struct member_writer *w, const struct new_member *m)
{
	return w->ops->begin(w->state, m);
}

int member_writer_data(struct member_writer *w, const void *bytes, size_t len)
{
	return w->ops->data(w->state, bytes, len);
}

int member_writer_end(struct member_writer *w)
{
	return w->ops->end(w->state);
}

int member_writer_whole(struct member_writer *w, const struct new_member *m, char *bytes)
{
	int r;

	if (w->ops->whole != NULL)
		return w->ops->whole(w->state, m, bytes);
	r = w->ops->begin(w->state, m);
	if (r == 0)
		r = w->ops->data(w->state, bytes, (size_t)m->size);
	if (r == 0)
		r = w->ops->end(w->state);
	free(bytes);
	return r;
}

int member_writer_finish(struct member_writer *w)
{
	return w->ops->finish(w->state);
}

struct member_writer *member_writer_free(struct member_writer *w)
{
	if (w != NULL) {
		w->ops->close(w->state);
		free(w);
	}
	return NULL;
}
