/* SPDX-License-Identifier: MIT */
#include "sys/cpu_model.h"

#include "base/num.h"
#include "sys/machine.h"

enum { MODEL_MAX = 1024 };

struct line {
	const char *text;
	size_t len;
};

struct reading {
	struct cpu_model *ret;
	unsigned implementer;  /* ARM: of the processor the lines are about */
	struct strbuf further; /* a name that counts only when there is no better one */
	bool has_parts;
	bool has_unknown_parts;
};

void cpu_model_release(struct cpu_model *model)
{
	strbuf_release(&model->model);
	strbuf_release(&model->vendor);
	strbuf_release(&model->flags);
}

static void set_once(struct strbuf *b, const char *value, size_t len)
{
	if (b->len == 0 && len <= MODEL_MAX && memchr(value, '\0', len) == NULL)
		strbuf_add(b, value, len);
}

/* Adds the name of another kind of processor. */
static void add_model(struct strbuf *b, const char *name)
{
	if (strstr(strbuf_str(b), name) != NULL || b->len > MODEL_MAX)
		return;
	if (b->len != 0)
		strbuf_add_str(b, ", ");
	strbuf_add_str(b, name);
}

/* Words between blanks, or between underscores as in rv64imac_zicsr. */
static void add_flags(struct strbuf *b, struct line value, const char *separators)
{
	size_t at = 0;

	if (b->len != 0 || memchr(value.text, '\0', value.len) != NULL)
		return;
	while (at < value.len) {
		size_t begin = at;

		while (at < value.len && strchr(separators, value.text[at]) == NULL)
			at++;
		if (at > begin) {
			strbuf_add(b, value.text + begin, at - begin);
			strbuf_add_char(b, '\0');
		}
		at++;
	}
}

static bool has_flag(const struct strbuf *flags, const char *flag)
{
	const char *end = strbuf_str(flags) + flags->len;

	for (const char *at = strbuf_str(flags); at < end; at += strlen(at) + 1)
		if (strcmp(at, flag) == 0)
			return true;
	return false;
}

/* "0x41" as a number; 0 when it is none. */
static unsigned scan_hex(struct line value)
{
	char digits[16];
	uint64_t number;
	size_t used;

	if (value.len >= sizeof(digits))
		return 0;
	memcpy(digits, value.text, value.len);
	digits[value.len] = '\0';
	return num_scan_c(digits, &number, &used) == 0 && number <= UINT16_MAX ? (unsigned)number
	                                                                       : 0;
}

static bool read_arm(struct reading *r, struct line line)
{
	struct line value;
	const char *name;

	if (text_key(line.text, line.len, "CPU implementer", &value.text, &value.len)) {
		r->implementer = scan_hex(value);
		name = arm_vendor(r->implementer);
		if (name != NULL)
			set_once(&r->ret->vendor, name, strlen(name));
		return true;
	}
	if (text_key(line.text, line.len, "CPU part", &value.text, &value.len)) {
		name = arm_part(r->implementer, scan_hex(value));
		r->has_parts = r->has_parts || name != NULL;
		r->has_unknown_parts = r->has_unknown_parts || name == NULL;
		if (name != NULL)
			add_model(&r->ret->model, name);
		return true;
	}
	return false;
}

/* s390: "processor 0: version = FF,  identification = 1,  machine = 3906" */
static bool read_s390(struct reading *r, struct line line)
{
	static const char machine[] = "machine = ";
	static const char start[] = "processor ";
	const char *at;
	size_t len;

	if (line.len < sizeof(start) || memcmp(line.text, start, sizeof(start) - 1) != 0 ||
	    line.text[sizeof(start) - 1] < '0' || line.text[sizeof(start) - 1] > '9')
		return false;
	r->ret->processors++;
	at = memmem(line.text, line.len, machine, sizeof(machine) - 1);
	if (at == NULL)
		return true;
	at += sizeof(machine) - 1;
	len = (size_t)(line.text + line.len - at);
	while (len > 0 && (at[len - 1] == ' ' || at[len - 1] == '\r'))
		len--;
	set_once(&r->ret->model, at, len);
	return true;
}

static void read_mhz(struct reading *r, struct line value)
{
	uint64_t number;

	if (!r->ret->has_mhz && text_scan_fixed(value.text, value.len, 3, &number, NULL) == 0) {
		r->ret->has_mhz = true;
		r->ret->milli_mhz = number;
	}
}

enum what { MODEL, MODEL_UP_TO_COMMA, FURTHER, VENDOR, FLAGS, FLAGS_UNDERSCORE, MHZ };

static const struct {
	char key[20];
	uint8_t what; /* enum what */
} keys[] = {
	{ "model name", MODEL },
	{ "Model Name", MODEL },
	{ "cpu model", MODEL },
	{ "uarch", MODEL },
	{ "cpu", MODEL_UP_TO_COMMA },
	{ "Hardware", FURTHER },
	{ "system type", FURTHER },
	{ "vendor_id", VENDOR },
	{ "CPU Family", FURTHER },
	{ "flags", FLAGS },
	{ "Features", FLAGS },
	{ "features", FLAGS },
	{ "ASEs implemented", FLAGS },
	{ "isa", FLAGS_UNDERSCORE },
	{ "cpu MHz", MHZ },
	{ "cpu MHz dynamic", MHZ },
	{ "clock", MHZ },
	{ "CPU MHz", MHZ },
};

static void take_value(struct reading *r, enum what what, struct line value)
{
	const char *comma;

	switch (what) {
	case MODEL_UP_TO_COMMA:
		comma = memchr(value.text, ',', value.len);
		if (comma != NULL)
			value.len = (size_t)(comma - value.text);
		set_once(&r->ret->model, value.text, value.len);
		break;
	case MODEL:
		/* On 32-bit ARM "ARMv7 Processor rev 4 (v7l)" is less than the part says. */
		set_once(r->implementer == 0 && memmem(value.text, value.len, "ARMv", 4) != NULL
		                 ? &r->further
		                 : &r->ret->model,
		         value.text, value.len);
		break;
	case FURTHER:
		set_once(&r->further, value.text, value.len);
		break;
	case VENDOR:
		set_once(&r->ret->vendor, value.text, value.len);
		break;
	case FLAGS:
		add_flags(&r->ret->flags, value, " \t");
		break;
	case FLAGS_UNDERSCORE:
		add_flags(&r->ret->flags, value, "_ ");
		break;
	case MHZ:
		read_mhz(r, value);
		break;
	}
}

static void read_line(struct reading *r, struct line line)
{
	struct line value;

	if (read_arm(r, line) || read_s390(r, line))
		return;
	if (text_key(line.text, line.len, "processor", &value.text, &value.len)) {
		r->ret->processors++;
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		if (text_key(line.text, line.len, keys[i].key, &value.text, &value.len)) {
			take_value(r, (enum what)keys[i].what, value);
			return;
		}
	}
}

void cpu_model_parse(const char *text, size_t len, struct cpu_model *ret)
{
	struct reading r = { .ret = ret };
	const char *at = text;
	struct line line;

	while ((line.text = text_line(&at, text + len, &line.len)) != NULL)
		if (line.len > 0)
			read_line(&r, line);
	/* Half of a list of parts would be a wrong one. */
	if (r.has_parts && r.has_unknown_parts)
		add_model(&ret->model, "other");
	if (ret->model.len == 0)
		strbuf_add(&ret->model, strbuf_str(&r.further), r.further.len);
	if (has_flag(&ret->flags, "hypervisor"))
		ret->guest = CPU_GUEST_YES;
	else if (has_flag(&ret->flags, "fpu") && has_flag(&ret->flags, "tsc"))
		ret->guest = CPU_GUEST_NO;
	strbuf_release(&r.further);
}
