/* SPDX-License-Identifier: MIT */
/*
 * A map of the source. A file may include from its own floor and the floors
 * listed above it; scripts/check-layers holds that.
 *
 *   base/  pure helpers, no words for people
 *          base.h banned.h        compiler features; functions that do not compile here
 *          mem strbuf vec strv    allocation, growing strings and arrays
 *          version_sort key_sort  names by the numbers in them; things by number or text
 *          num human clock text   numbers, sizes, durations, dates; what is wrong in a text
 *          utf8 quote json path   hostile bytes made safe for terminals, shells, programs
 *          os_path pure_path      paths as text, with the results of Python's modules
 *          env_split              the words of env -S
 *          json_reader            JSON from outside, streamed
 *          fdio map pool sig      whole reads and writes, hash map, threads, the stop flag
 *          hash                   checksums: XXH3, SHA-2, BLAKE2b, MD5, SHA-1, CRC-32
 *          library_init           constructors of static libraries, run when wanted
 *          excerpt env_file       both ends of long texts; files of variables
 *          ere random_stream      regular expressions; bytes that nobody can guess
 *          hex shell_text         digits; words as a shell reads them
 *          word_split             command lines without a shell
 *          item_reader joblog     lists of jobs, and what became of them
 *          job_template           commands with places for an item
 *          halt_policy            when many jobs stop early
 *   fs/    files: walk (parallel, descriptor-relative), glob (one pattern), glob_paths and
 *          glob_walk (which paths match), filter, gitignore, link_target, real_path and
 *          long_path (links, any length), inode_set,
 *          checklist (lists of checksums), dir_node (directories of listings), xattr, usage
 *          (what a tree takes),
 *          ncdu (its export format), mounts, space, extents, hash_file and file_state
 *          (checksums and comparisons of files that stand still), file_scan and file_list
 *          (many files in little memory), same (which of them are equal), same_keep,
 *          same_cache, same_dirs (whole trees), disk_kind, dupe_act (what is done with
 *          copies), dupe_report (what was to be done), mtree (lists with metadata),
 *          held_dir and dir_list (directories by single names), beneath, copy_data,
 *          copy_meta, file_mode (chmod's words), time_grain, link_groups, tree_pair (two
 *          trees side by side), tree_remove, tree_sync (one made equal to the other), trash
 *          A new file gets its name in one step: replace (one file, whose umask and owner
 *          follow the old one), put_file (many, by descriptors, from several threads),
 *          put_locked (one that tells who writes it); final_name (which name that is), pour
 *          (a stream into it)
 *          Archives are read by archive (one stream, for numbers) and members (all kinds,
 *          over unpack and unpack_ahead, with member_name and member_limits), extracted by
 *          extract, and written by source_list, archive_make and member_write over pack,
 *          whose threads are crew and pieces; deflate_stream, deflate_join, code_page
 *   sys/   processes and the machine: procfs, open_files, users, command_path, spawn,
 *          spawn_setup, signal_names, signal_schedule, event_loop, process_scan (who
 *          descends from whom), process_tree (a command with all that comes from it),
 *          cgroup, login (who a user is), pty, pump and outlet (bytes in and out of an event
 *          loop), line_prefix (stamps), log_writer, machine_load, proc_stat and proc_read
 *          (what procfs says), proc_ref (a process that stays the same one), proc_gather,
 *          proc_end, proc_wait, proc_sockets, terminals, process_facts (one of them, for
 *          people), machine (facts read below a root directory), system_id, elf_header,
 *          os_release, cpu_set, cpu_count, cpu_model, cpu_topology, memory_info, load_info,
 *          cgroup_paths and cgroup_limits (what a container may use), host_kind,
 *          kernel_features, runtimes
 *   cli/   words for people: opt (option tables), diag (messages), out (results),
 *          dispatch, box (the program under its own name), help, completion, typo,
 *          table, term, color, progress, shared_opts, filter_opts, template (texts with
 *          places for a file's facts), exec (commands for files), job (what a job tells
 *          machines: metrics, a log of records, system_log), fs_record (a file system's
 *          columns), json_indent
 *   applets/  one file or directory each; applets.def is the only list of them
 */
#include "cli/dispatch.h"

int main(int argc, char **argv)
{
	const struct applet_list list = { applet_table, applet_table_len };

	return dispatch_main(argc, argv, &list);
}
