/* SPDX-License-Identifier: MIT */
/* What a dynamically linked C program costs before it does anything: the floor of start-up. */
int main(void)
{
	return 0;
}
