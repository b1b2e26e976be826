/* SPDX-License-Identifier: MIT */
#include "base/key_sort.h"

enum { RUN_SMALL = 12, KEY_BYTES = 8 };

/* Eight bytes of the text from `at` on, the first one in front; 0 behind its end. */
static uint64_t key_at(const struct key_text *text, size_t at)
{
	uint64_t key = 0;

	if (at + KEY_BYTES <= text->len) {
		memcpy(&key, text->bytes + at, sizeof(key));
		return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(key) : key;
	}
	for (size_t i = 0; i < KEY_BYTES; i++)
		key = key << 8 | (at + i < text->len ? (unsigned char)text->bytes[at + i] : 0);
	return key;
}

static void insertion_sort(struct key_slot *slots, size_t len)
{
	for (size_t i = 1; i < len; i++) {
		struct key_slot slot = slots[i];
		size_t at = i;

		for (; at > 0 && slots[at - 1].key > slot.key; at--)
			slots[at] = slots[at - 1];
		slots[at] = slot;
	}
}

/* The depth is the logarithm of `len`. */
void key_sort(struct key_slot *slots, size_t len, struct key_slot *room)
{
	size_t half = len / 2;
	size_t left = 0, right = half, at = 0;

	if (len <= RUN_SMALL) {
		insertion_sort(slots, len);
		return;
	}
	key_sort(slots, half, room);
	key_sort(slots + half, len - half, room);
	if (slots[half - 1].key <= slots[half].key)
		return;
	memcpy(room, slots, half * sizeof(*slots));
	while (left < half && right < len)
		slots[at++] = slots[right].key < room[left].key ? slots[right++] : room[left++];
	memcpy(slots + at, room + left, (half - left) * sizeof(*slots));
}

/* Adds the stretches of equal keys; of text keys, only where the texts go on. */
static void find_runs(const struct key_slot *slots, const struct key_run *of, bool texts,
                      struct key_runs *ret)
{
	size_t end = of->begin + of->len;
	size_t at = texts ? of->at + KEY_BYTES : 0;

	for (size_t i = of->begin; i < end;) {
		size_t first = i;

		while (i < end && slots[i].key == slots[first].key)
			i++;
		/* The last byte of a text's key is 0 only where the text ends. */
		if (i - first > 1 && (!texts || (slots[first].key & 0xFF) != 0))
			vec_push(ret, (struct key_run){ first, i - first, at });
	}
}

void key_sort_find_equal(const struct key_slot *slots, const struct key_run *of,
                         struct key_runs *ret)
{
	find_runs(slots, of, false, ret);
}

void key_sort_texts(struct key_slot *slots, struct key_runs *runs, struct key_slot *room,
                    key_text_of *text)
{
	while (runs->len > 0) {
		struct key_run r = vec_pop(runs);

		for (size_t i = r.begin; i < r.begin + r.len; i++) {
			struct key_text t = text(slots[i].item);

			slots[i].key = key_at(&t, r.at);
		}
		key_sort(slots + r.begin, r.len, room);
		find_runs(slots, &r, true, runs);
	}
}
