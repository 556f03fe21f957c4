/* SPDX-License-Identifier: Apache-2.0 */

#include "swap.h"

#include "state.h"
#include "settings.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/swap.h>
#include <unistd.h>

#define DEVICE "/dev/zram0"
#define SYS "/sys/block/zram0/"

static int active;

/* The first page of a swap area: version, last page, and the signature at its end. */
static int write_header(uint32_t pages)
{
	static unsigned char page[PAGE];
	uint32_t version = 1, last = pages - 1;
	int fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -1;
	memset(page, 0, sizeof page);
	memcpy(page + 1024, &version, sizeof version);
	memcpy(page + 1028, &last, sizeof last);
	memcpy(page + PAGE - 10, "SWAPSPACE2", 10);
	int err = pwrite(fd, page, sizeof page, 0) == sizeof page ? fsync(fd) : -1;
	close(fd);
	return err;
}

void swap_on(unsigned long mb)
{
	char size[32];
	snprintf(size, sizeof size, "%lu", mb * MB);
	write_file(SYS "reset", "1");
	if (write_file(SYS "disksize", size) || write_header(mb * MB / PAGE) || swapon(DEVICE, 0)) {
		run_note("no swap: %s", strerror(errno));
		return;
	}
	active = 1;
	settings_record("", "zram0 disksize (swapon)", size, 0);
}

void swap_off(void)
{
	if (!active)
		return;
	swapoff(DEVICE);
	write_file(SYS "reset", "1");
	active = 0;
}
