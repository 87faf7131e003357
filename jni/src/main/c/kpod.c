// SPDX-License-Identifier: Apache-2.0
/*
 * The bridge to libbpf: thin, one function a native method of io.kpod.libbpf.Native, registered from the table at the end.
 *
 * Handles are pointers as longs. BpfObject (Java) owns an object's handle and frees it with objectClose; handles of its
 * maps and programs live as long as it. A link's handle is freed with linkDestroy; a descriptor with close.
 * Functions that can fail return a negative errno; what libbpf said meanwhile is kept for the thread: takeLog.
 */
#define _GNU_SOURCE
#include "kpod.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LOG_SIZE 16384

/* The last LOG_SIZE bytes that libbpf printed on this thread since takeLog. */
static __thread char *log_text;
static __thread size_t log_length;

static int keep_log(enum libbpf_print_level level, const char *format, va_list arguments)
{
	size_t kept;
	char *line;
	int length;

	if (level == LIBBPF_DEBUG)
		return 0;
	length = vasprintf(&line, format, arguments);
	if (length < 0)
		return 0;
	if (!log_text)
		log_text = malloc(LOG_SIZE);
	if (log_text) {
		const char *from = line;

		if (length > LOG_SIZE) {
			from += length - LOG_SIZE;
			length = LOG_SIZE;
		}
		if (log_length + length > LOG_SIZE) {
			kept = LOG_SIZE - length;
			memmove(log_text, log_text + log_length - kept, kept);
			log_length = kept;
		}
		memcpy(log_text + log_length, from, length);
		log_length += length;
	}
	free(line);
	return 0;
}

/* Bytes, not a string: what the kernel prints need not be valid modified UTF-8. Null when nothing was said. */
static jbyteArray take_log(JNIEnv *env, jclass class)
{
	jbyteArray bytes = NULL;

	if (log_length) {
		bytes = (*env)->NewByteArray(env, log_length);
		if (bytes)
			(*env)->SetByteArrayRegion(env, bytes, 0, log_length, (const jbyte *)log_text);
	}
	free(log_text);
	log_text = NULL;
	log_length = 0;
	return bytes;
}

static jstring errno_name(JNIEnv *env, jclass class, jint number)
{
	const char *name = strerrorname_np(number);

	return (*env)->NewStringUTF(env, name ? name : "unknown");
}

static jstring errno_text(JNIEnv *env, jclass class, jint number)
{
	char text[256];

	return (*env)->NewStringUTF(env, strerror_r(number, text, sizeof(text)));
}

/* libbpf copies the bytes that it needs before this returns. */
static jlong object_open(JNIEnv *env, jclass class, jstring name, jbyteArray elf)
{
	const char *text = (*env)->GetStringUTFChars(env, name, NULL);
	struct bpf_object *object;
	jlong result;
	jbyte *bytes;
	LIBBPF_OPTS(bpf_object_open_opts, options, .object_name = text);

	if (!text)
		return -ENOMEM;
	bytes = (*env)->GetByteArrayElements(env, elf, NULL);
	if (bytes) {
		object = bpf_object__open_mem(bytes, (*env)->GetArrayLength(env, elf), &options);
		result = object ? (jlong)(intptr_t)object : -errno;
		(*env)->ReleaseByteArrayElements(env, elf, bytes, JNI_ABORT);
	} else {
		result = -ENOMEM;
	}
	(*env)->ReleaseStringUTFChars(env, name, text);
	return result;
}

static jint object_load(JNIEnv *env, jclass class, jlong object)
{
	return bpf_object__load((struct bpf_object *)object);
}

static void object_close(JNIEnv *env, jclass class, jlong object)
{
	bpf_object__close((struct bpf_object *)object);
}

static jlong find_map(JNIEnv *env, jclass class, jlong object, jstring name)
{
	const char *text = (*env)->GetStringUTFChars(env, name, NULL);
	struct bpf_map *map;

	if (!text)
		return -ENOMEM;
	map = bpf_object__find_map_by_name((struct bpf_object *)object, text);
	(*env)->ReleaseStringUTFChars(env, name, text);
	return map ? (jlong)(intptr_t)map : -ENOENT;
}

static jlong find_program(JNIEnv *env, jclass class, jlong object, jstring name)
{
	const char *text = (*env)->GetStringUTFChars(env, name, NULL);
	struct bpf_program *program;

	if (!text)
		return -ENOMEM;
	program = bpf_object__find_program_by_name((struct bpf_object *)object, text);
	(*env)->ReleaseStringUTFChars(env, name, text);
	return program ? (jlong)(intptr_t)program : -ENOENT;
}

static jint map_set_max_entries(JNIEnv *env, jclass class, jlong map, jint entries)
{
	return bpf_map__set_max_entries((struct bpf_map *)map, entries);
}

static jint map_reuse(JNIEnv *env, jclass class, jlong map, jint descriptor)
{
	return bpf_map__reuse_fd((struct bpf_map *)map, descriptor);
}

static jint map_descriptor(JNIEnv *env, jclass class, jlong map)
{
	return bpf_map__fd((struct bpf_map *)map);
}

/* Into `into`: type, key size, value size, entries, flags. */
static void map_shape(JNIEnv *env, jclass class, jlong handle, jintArray into)
{
	struct bpf_map *map = (struct bpf_map *)handle;
	jint shape[] = {bpf_map__type(map), bpf_map__key_size(map), bpf_map__value_size(map), bpf_map__max_entries(map),
			bpf_map__map_flags(map)};

	(*env)->SetIntArrayRegion(env, into, 0, 5, shape);
}

/* Where the initial value of a `const volatile` global lies before load, and how long it is, by the object's BTF; NULL: nowhere. */
static char *find_constant(struct bpf_object *object, const char *name, size_t *length)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, ".rodata");
	struct btf *btf = bpf_object__btf(object);
	const struct btf_type *section;
	size_t size;
	char *data;

	if (!map || !btf)
		return NULL;
	section = btf__type_by_id(btf, btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC));
	data = (char *)bpf_map__initial_value(map, &size);
	if (!section || !data)
		return NULL;
	for (int i = 0; i < btf_vlen(section); i++) {
		const struct btf_var_secinfo *variable = btf_var_secinfos(section) + i;
		const struct btf_type *type = btf__type_by_id(btf, variable->type);

		if (strcmp(name, btf__name_by_offset(btf, type->name_off)) || variable->offset + variable->size > size)
			continue;
		*length = variable->size;
		return data + variable->offset;
	}
	return NULL;
}

/* Of at most 8 bytes. */
static jint set_constant(JNIEnv *env, jclass class, jlong object, jstring name, jlong value)
{
	const char *text = (*env)->GetStringUTFChars(env, name, NULL);
	size_t length;
	char *at;

	if (!text)
		return -ENOMEM;
	at = find_constant((struct bpf_object *)object, text, &length);
	(*env)->ReleaseStringUTFChars(env, name, text);
	if (!at)
		return -ENOENT;
	if (length > sizeof(value))
		return -EINVAL;
	memcpy(at, &value, length);
	return 0;
}

/* Of any size, which must be that of `value`. */
static jint set_constant_bytes(JNIEnv *env, jclass class, jlong object, jstring name, jbyteArray value)
{
	const char *text = (*env)->GetStringUTFChars(env, name, NULL);
	size_t length;
	char *at;

	if (!text)
		return -ENOMEM;
	at = find_constant((struct bpf_object *)object, text, &length);
	(*env)->ReleaseStringUTFChars(env, name, text);
	if (!at)
		return -ENOENT;
	if (length != (size_t)(*env)->GetArrayLength(env, value))
		return -EINVAL;
	(*env)->GetByteArrayRegion(env, value, 0, length, (jbyte *)at);
	return 0;
}

/* Names of all programs of an opened object, in its order. */
static jobjectArray object_programs(JNIEnv *env, jclass class, jlong object)
{
	jclass string = (*env)->FindClass(env, "java/lang/String");
	struct bpf_program *program = NULL;
	jobjectArray names;
	int count = 0;

	while ((program = bpf_object__next_program((struct bpf_object *)object, program)))
		count++;
	names = string ? (*env)->NewObjectArray(env, count, string, NULL) : NULL;
	for (int i = 0; names && i < count; i++) {
		jstring name;

		program = bpf_object__next_program((struct bpf_object *)object, program);
		name = (*env)->NewStringUTF(env, bpf_program__name(program));
		if (!name)
			return NULL;
		(*env)->SetObjectArrayElement(env, names, i, name);
		(*env)->DeleteLocalRef(env, name);
	}
	return names;
}

/* Before load: whether the program is loaded with the object. */
static void program_set_autoload(JNIEnv *env, jclass class, jlong program, jboolean load)
{
	bpf_program__set_autoload((struct bpf_program *)program, load);
}

static jboolean program_autoload(JNIEnv *env, jclass class, jlong program)
{
	return bpf_program__autoload((struct bpf_program *)program);
}

static jlong program_attach(JNIEnv *env, jclass class, jlong program)
{
	struct bpf_link *link = bpf_program__attach((struct bpf_program *)program);

	return link ? (jlong)(intptr_t)link : -errno;
}

/* The program runs at each major page fault on one CPU. The link owns the event's descriptor. */
static jlong program_attach_major_faults(JNIEnv *env, jclass class, jlong program, jint cpu)
{
	struct perf_event_attr event = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(event),
		.config = PERF_COUNT_SW_PAGE_FAULTS_MAJ,
		.sample_period = 1,
	};
	int descriptor = syscall(SYS_perf_event_open, &event, -1, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	struct bpf_link *link;
	int error;

	if (descriptor < 0)
		return -errno;
	link = bpf_program__attach_perf_event((struct bpf_program *)program, descriptor);
	if (!link) {
		error = errno;
		close(descriptor);
		return -error;
	}
	return (jlong)(intptr_t)link;
}

/* For a program of a cgroup's events: attaches it to the cgroup whose directory is open as `cgroup`. */
static jlong program_attach_cgroup(JNIEnv *env, jclass class, jlong program, jint cgroup)
{
	struct bpf_link *link = bpf_program__attach_cgroup((struct bpf_program *)program, cgroup);

	return link ? (jlong)(intptr_t)link : -errno;
}

static void link_destroy(JNIEnv *env, jclass class, jlong link)
{
	bpf_link__destroy((struct bpf_link *)link);
}

/* Into `into`: run count, run time in ns; both 0 while the kernel's statistics are off. */
static jint program_statistics(JNIEnv *env, jclass class, jlong program, jlongArray into)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);
	jlong values[2];

	if (bpf_obj_get_info_by_fd(bpf_program__fd((struct bpf_program *)program), &info, &size))
		return -errno;
	values[0] = info.run_cnt;
	values[1] = info.run_time_ns;
	(*env)->SetLongArrayRegion(env, into, 0, 2, values);
	return 0;
}

/* Runs a raw tracepoint's program once, without its event; what it returned, or a negative errno. */
static jlong program_run(JNIEnv *env, jclass class, jlong program, jlong argument)
{
	__u64 context[12] = {argument};
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = context, .ctx_size_in = sizeof(context));

	if (bpf_prog_test_run_opts(bpf_program__fd((struct bpf_program *)program), &options))
		return -errno;
	return options.retval;
}

static jint map_update(JNIEnv *env, jclass class, jint map, jlong key, jlong value, jlong flags)
{
	return bpf_map_update_elem(map, (void *)key, (void *)value, flags) ? -errno : 0;
}

static jint map_lookup(JNIEnv *env, jclass class, jint map, jlong key, jlong value)
{
	return bpf_map_lookup_elem(map, (void *)key, (void *)value) ? -errno : 0;
}

static jint map_take(JNIEnv *env, jclass class, jint map, jlong key, jlong value)
{
	return bpf_map_lookup_and_delete_elem(map, (void *)key, (void *)value) ? -errno : 0;
}

static jint map_delete(JNIEnv *env, jclass class, jint map, jlong key)
{
	return bpf_map_delete_elem(map, (void *)key) ? -errno : 0;
}

/* Takes up to `most` entries out of a hash, in one call if there is room for all: how many; negative errno. 5.6. */
static jint map_take_all(JNIEnv *env, jclass class, jint map, jlong keys, jlong values, jint most)
{
	__u32 count = most, position;

	if (bpf_map_lookup_and_delete_batch(map, NULL, &position, (void *)keys, (void *)values, &count, NULL) &&
	    errno != ENOENT)
		return -errno;
	return count;
}

static jint map_next_key(JNIEnv *env, jclass class, jint map, jlong key, jlong next)
{
	return bpf_map_get_next_key(map, (void *)key, (void *)next) ? -errno : 0;
}

static jlong map_mmap(JNIEnv *env, jclass class, jint map, jlong length)
{
	void *address = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);

	return address == MAP_FAILED ? -errno : (jlong)(intptr_t)address;
}

static void map_munmap(JNIEnv *env, jclass class, jlong address, jlong length)
{
	munmap((void *)address, length);
}

static jint open_directory(JNIEnv *env, jclass class, jbyteArray path)
{
	jsize length = (*env)->GetArrayLength(env, path);
	char *text = malloc(length + 1);
	int descriptor;

	if (!text)
		return -ENOMEM;
	(*env)->GetByteArrayRegion(env, path, 0, length, (jbyte *)text);
	text[length] = 0;
	descriptor = open(text, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor < 0)
		descriptor = -errno;
	free(text);
	return descriptor;
}

static void close_descriptor(JNIEnv *env, jclass class, jint descriptor)
{
	close(descriptor);
}

static jlong boot_nanos(JNIEnv *env, jclass class)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* The running kernel's types; free with btfFree. */
static jlong kernel_btf(JNIEnv *env, jclass class)
{
	struct btf *btf = btf__load_vmlinux_btf();

	return btf ? (jlong)(intptr_t)btf : -errno;
}

static void btf_free(JNIEnv *env, jclass class, jlong btf)
{
	btf__free((struct btf *)btf);
}

/* Does the kernel have `struct type` with a member of that name? */
static jboolean btf_has_member(JNIEnv *env, jclass class, jlong handle, jstring type, jstring member)
{
	const char *type_name = (*env)->GetStringUTFChars(env, type, NULL);
	const char *member_name = (*env)->GetStringUTFChars(env, member, NULL);
	struct btf *btf = (struct btf *)handle;
	jboolean found = JNI_FALSE;
	int id, i;

	if (type_name && member_name) {
		id = btf__find_by_name_kind(btf, type_name, BTF_KIND_STRUCT);
		if (id > 0) {
			const struct btf_type *structure = btf__type_by_id(btf, id);
			const struct btf_member *members = btf_members(structure);

			for (i = 0; i < btf_vlen(structure) && !found; i++)
				found = !strcmp(member_name, btf__name_by_offset(btf, members[i].name_off));
		}
	}
	if (member_name)
		(*env)->ReleaseStringUTFChars(env, member, member_name);
	if (type_name)
		(*env)->ReleaseStringUTFChars(env, type, type_name);
	return found;
}

/* The kernel's callback for a tracepoint, which begins with the tracer's own `void *`; null: there is none of that name. */
static const struct btf_type *tracepoint_callback(JNIEnv *env, struct btf *btf, jstring tracepoint)
{
	const char *text = (*env)->GetStringUTFChars(env, tracepoint, NULL);
	const struct btf_type *type;
	char name[128];
	int id;

	if (!text)
		return NULL;
	snprintf(name, sizeof(name), "btf_trace_%s", text);
	(*env)->ReleaseStringUTFChars(env, tracepoint, text);
	id = btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF);
	if (id < 0)
		return NULL;
	type = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	if (!type || !btf_is_ptr(type))
		return NULL;
	type = btf__type_by_id(btf, type->type);
	return type && btf_is_func_proto(type) ? type : NULL;
}

/* How many arguments the kernel's tracepoint passes to a tp_btf program; -ENOENT: it has no such tracepoint. */
static jint btf_tracepoint_arguments(JNIEnv *env, jclass class, jlong handle, jstring tracepoint)
{
	const struct btf_type *callback = tracepoint_callback(env, (struct btf *)handle, tracepoint);

	return callback ? btf_vlen(callback) - 1 : -ENOENT;
}

/* The type of a tracepoint's argument, counted from 0: of a pointer, what it points to. Null: there is no such argument. */
static jstring btf_tracepoint_argument(JNIEnv *env, jclass class, jlong handle, jstring tracepoint, jint argument)
{
	struct btf *btf = (struct btf *)handle;
	const struct btf_type *type = tracepoint_callback(env, btf, tracepoint);
	const char *name;

	if (!type || argument + 1 >= btf_vlen(type))
		return NULL;
	type = btf__type_by_id(btf, btf_params(type)[argument + 1].type);
	while (type && (btf_is_ptr(type) || btf_is_mod(type)))
		type = btf__type_by_id(btf, type->type);
	name = type ? btf__name_by_offset(btf, type->name_off) : NULL;
	return name ? (*env)->NewStringUTF(env, name) : NULL;
}

/* Does the kernel have a function of that name that BTF describes? */
static jboolean btf_has_function(JNIEnv *env, jclass class, jlong handle, jstring name)
{
	const char *text = (*env)->GetStringUTFChars(env, name, NULL);
	jboolean found = JNI_FALSE;

	if (text) {
		found = btf__find_by_name_kind((struct btf *)handle, text, BTF_KIND_FUNC) > 0;
		(*env)->ReleaseStringUTFChars(env, name, text);
	}
	return found;
}

/* 1: the kernel creates maps of this type; 0: it does not; negative errno: it can't be told. */
static jint probe_map_type(JNIEnv *env, jclass class, jint type)
{
	return libbpf_probe_bpf_map_type(type, NULL);
}

/* 0: a program that does nothing could be put before the kernel's function of that name; negative errno: why not. */
static jint probe_fentry(JNIEnv *env, jclass class, jstring function)
{
	struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K},
		{.code = BPF_JMP | BPF_EXIT},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY);
	const char *text = (*env)->GetStringUTFChars(env, function, NULL);
	int id, program, link;

	if (!text)
		return -ENOMEM;
	id = libbpf_find_vmlinux_btf_id(text, BPF_TRACE_FENTRY);
	(*env)->ReleaseStringUTFChars(env, function, text);
	if (id < 0)
		return id;
	options.attach_btf_id = id;
	program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "probe", "Dual BSD/GPL", nothing, 2, &options);
	if (program < 0)
		return -errno;
	link = bpf_raw_tracepoint_open(NULL, program);
	if (link < 0)
		link = -errno;
	else
		close(link);
	close(program);
	return link < 0 ? link : 0;
}

static const JNINativeMethod METHODS[] = {
	{"takeLog", "()[B", take_log},
	{"errnoName", "(I)Ljava/lang/String;", errno_name},
	{"errnoText", "(I)Ljava/lang/String;", errno_text},
	{"objectOpen", "(Ljava/lang/String;[B)J", object_open},
	{"objectLoad", "(J)I", object_load},
	{"objectClose", "(J)V", object_close},
	{"findMap", "(JLjava/lang/String;)J", find_map},
	{"findProgram", "(JLjava/lang/String;)J", find_program},
	{"mapSetMaxEntries", "(JI)I", map_set_max_entries},
	{"mapReuse", "(JI)I", map_reuse},
	{"mapDescriptor", "(J)I", map_descriptor},
	{"mapShape", "(J[I)V", map_shape},
	{"setConstant", "(JLjava/lang/String;J)I", set_constant},
	{"setConstantBytes", "(JLjava/lang/String;[B)I", set_constant_bytes},
	{"objectPrograms", "(J)[Ljava/lang/String;", object_programs},
	{"programSetAutoload", "(JZ)V", program_set_autoload},
	{"programAutoload", "(J)Z", program_autoload},
	{"programAttach", "(J)J", program_attach},
	{"programAttachCgroup", "(JI)J", program_attach_cgroup},
	{"programAttachMajorFaults", "(JI)J", program_attach_major_faults},
	{"linkDestroy", "(J)V", link_destroy},
	{"programStatistics", "(J[J)I", program_statistics},
	{"programRun", "(JJ)J", program_run},
	{"mapUpdate", "(IJJJ)I", map_update},
	{"mapLookup", "(IJJ)I", map_lookup},
	{"mapTake", "(IJJ)I", map_take},
	{"mapDelete", "(IJ)I", map_delete},
	{"mapTakeAll", "(IJJI)I", map_take_all},
	{"mapNextKey", "(IJJ)I", map_next_key},
	{"mapMmap", "(IJ)J", map_mmap},
	{"mapMunmap", "(JJ)V", map_munmap},
	{"openDirectory", "([B)I", open_directory},
	{"close", "(I)V", close_descriptor},
	{"bootNanos", "()J", boot_nanos},
	{"kernelBtf", "()J", kernel_btf},
	{"btfFree", "(J)V", btf_free},
	{"btfHasMember", "(JLjava/lang/String;Ljava/lang/String;)Z", btf_has_member},
	{"btfTracepointArguments", "(JLjava/lang/String;)I", btf_tracepoint_arguments},
	{"btfTracepointArgument", "(JLjava/lang/String;I)Ljava/lang/String;", btf_tracepoint_argument},
	{"btfHasFunction", "(JLjava/lang/String;)Z", btf_has_function},
	{"mapNeedsCapability", "(I)I", map_needs_capability},
	{"dropCapabilities", "(J)I", drop_capabilities},
	{"probeFentry", "(Ljava/lang/String;)I", probe_fentry},
	{"probeMapType", "(I)I", probe_map_type},
};

/* A failure leaves nothing registered: the JVM unloads the library and throws. */
JNIEXPORT jint JNICALL JNI_OnLoad(JavaVM *vm, void *reserved)
{
	JNIEnv *env;
	jclass class;

	if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_10))
		return JNI_ERR;
	class = (*env)->FindClass(env, "io/kpod/libbpf/Native");
	if (!class || (*env)->RegisterNatives(env, class, METHODS, sizeof(METHODS) / sizeof(METHODS[0])))
		return JNI_ERR;
	libbpf_set_print(keep_log);
	return JNI_VERSION_10;
}
