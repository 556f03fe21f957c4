// SPDX-License-Identifier: Apache-2.0

package kernel

// The eras of kernels that print the names themselves: their tables serve a log that lost the
// names.

// gfpEraF is 4.10 to 4.12.
var gfpEraF = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpAtomic: 0x80000, gfpIO: 0x40,
		gfpFS: 0x80, gfpCold: 0x100, gfpNowarn: 0x200, gfpRepeat: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000,
		gfpComp: 0x4000, gfpZero: 0x8000, gfpNomemalloc: 0x10000, gfpMemalloc: 0x2000, gfpHardwall: 0x20000, gfpThisnode: 0x40000,
		gfpReclaimable: 0x10, gfpMovable: 0x8, gfpAccount: 0x100000, gfpNotrack: 0x200000, gfpWrite: 0x800000, gfpDirectReclaim: 0x400000,
		gfpKswapdReclaim: 0x1000000,
	},
	composites: []gfpName{
		{"GFP_TRANSHUGE", 0x4342ca}, {"GFP_TRANSHUGE_LIGHT", 0x342ca}, {"GFP_HIGHUSER_MOVABLE", 0x14200ca}, {"GFP_HIGHUSER", 0x14200c2},
		{"GFP_USER", 0x14200c0}, {"GFP_TEMPORARY", 0x14000d0}, {"GFP_KERNEL_ACCOUNT", 0x15000c0}, {"GFP_KERNEL", 0x14000c0},
		{"GFP_NOFS", 0x1400040}, {"GFP_ATOMIC", 0x1080020}, {"GFP_NOIO", 0x1400000}, {"GFP_NOWAIT", 0x1000000},
	},
}

// gfpEraF13 is 4.13 to 4.15.
var gfpEraF13 = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpAtomic: 0x80000, gfpIO: 0x40,
		gfpFS: 0x80, gfpCold: 0x100, gfpNowarn: 0x200, gfpRetryMayfail: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000,
		gfpComp: 0x4000, gfpZero: 0x8000, gfpNomemalloc: 0x10000, gfpMemalloc: 0x2000, gfpHardwall: 0x20000, gfpThisnode: 0x40000,
		gfpReclaimable: 0x10, gfpMovable: 0x8, gfpAccount: 0x100000, gfpWrite: 0x800000, gfpDirectReclaim: 0x400000, gfpKswapdReclaim: 0x1000000,
	},
	composites: []gfpName{
		{"GFP_TRANSHUGE", 0x4342ca}, {"GFP_TRANSHUGE_LIGHT", 0x342ca}, {"GFP_HIGHUSER_MOVABLE", 0x14200ca}, {"GFP_HIGHUSER", 0x14200c2},
		{"GFP_USER", 0x14200c0}, {"GFP_KERNEL_ACCOUNT", 0x15000c0}, {"GFP_KERNEL", 0x14000c0}, {"GFP_NOFS", 0x1400040},
		{"GFP_ATOMIC", 0x1080020}, {"GFP_NOIO", 0x1400000}, {"GFP_NOWAIT", 0x1000000},
	},
}

// gfpEraG is 4.18 to 5.0, RHEL 8.
var gfpEraG = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpAtomic: 0x80000, gfpIO: 0x40,
		gfpFS: 0x80, gfpNowarn: 0x200, gfpRetryMayfail: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000, gfpComp: 0x4000,
		gfpZero: 0x8000, gfpNomemalloc: 0x10000, gfpMemalloc: 0x2000, gfpHardwall: 0x20000, gfpThisnode: 0x40000, gfpReclaimable: 0x10,
		gfpMovable: 0x8, gfpAccount: 0x100000, gfpWrite: 0x100, gfpDirectReclaim: 0x200000, gfpKswapdReclaim: 0x400000,
	},
	composites: []gfpName{
		{"GFP_TRANSHUGE", 0x2342ca}, {"GFP_TRANSHUGE_LIGHT", 0x342ca}, {"GFP_HIGHUSER_MOVABLE", 0x6200ca}, {"GFP_HIGHUSER", 0x6200c2},
		{"GFP_USER", 0x6200c0}, {"GFP_KERNEL_ACCOUNT", 0x7000c0}, {"GFP_KERNEL", 0x6000c0}, {"GFP_NOFS", 0x600040},
		{"GFP_ATOMIC", 0x480020}, {"GFP_NOIO", 0x600000}, {"GFP_NOWAIT", 0x400000},
	},
}

// gfpEraH is 5.2 to 5.11.
var gfpEraH = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpAtomic: 0x200, gfpIO: 0x40,
		gfpFS: 0x80, gfpNowarn: 0x2000, gfpRetryMayfail: 0x4000, gfpNofail: 0x8000, gfpNoretry: 0x10000, gfpComp: 0x40000,
		gfpZero: 0x100, gfpNomemalloc: 0x80000, gfpMemalloc: 0x20000, gfpHardwall: 0x100000, gfpThisnode: 0x200000, gfpReclaimable: 0x10,
		gfpMovable: 0x8, gfpAccount: 0x400000, gfpWrite: 0x1000, gfpDirectReclaim: 0x400, gfpKswapdReclaim: 0x800,
	},
	composites: []gfpName{
		{"GFP_TRANSHUGE", 0x1c24ca}, {"GFP_TRANSHUGE_LIGHT", 0x1c20ca}, {"GFP_HIGHUSER_MOVABLE", 0x100cca}, {"GFP_HIGHUSER", 0x100cc2},
		{"GFP_USER", 0x100cc0}, {"GFP_KERNEL_ACCOUNT", 0x400cc0}, {"GFP_KERNEL", 0xcc0}, {"GFP_NOFS", 0xc40},
		{"GFP_ATOMIC", 0xa20}, {"GFP_NOIO", 0xc00}, {"GFP_NOWAIT", 0x800},
	},
}

// gfpEraI is 5.15 to 5.17.
var gfpEraI = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpAtomic: 0x200, gfpIO: 0x40,
		gfpFS: 0x80, gfpNowarn: 0x2000, gfpRetryMayfail: 0x4000, gfpNofail: 0x8000, gfpNoretry: 0x10000, gfpComp: 0x40000,
		gfpZero: 0x100, gfpNomemalloc: 0x80000, gfpMemalloc: 0x20000, gfpHardwall: 0x100000, gfpThisnode: 0x200000, gfpReclaimable: 0x10,
		gfpMovable: 0x8, gfpAccount: 0x400000, gfpWrite: 0x1000, gfpDirectReclaim: 0x400, gfpKswapdReclaim: 0x800, gfpZerotags: 0x800000,
		gfpSkipKasanPoison: 0x1000000,
	},
	composites: []gfpName{
		{"GFP_TRANSHUGE", 0x11c24ca}, {"GFP_TRANSHUGE_LIGHT", 0x11c20ca}, {"GFP_HIGHUSER_MOVABLE", 0x1100cca}, {"GFP_HIGHUSER", 0x100cc2},
		{"GFP_USER", 0x100cc0}, {"GFP_KERNEL_ACCOUNT", 0x400cc0}, {"GFP_KERNEL", 0xcc0}, {"GFP_NOFS", 0xc40},
		{"GFP_ATOMIC", 0xa20}, {"GFP_NOIO", 0xc00}, {"GFP_NOWAIT", 0x800},
	},
}

// gfpEraJ is 5.19 to 6.2.
var gfpEraJ = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpAtomic: 0x200, gfpIO: 0x40,
		gfpFS: 0x80, gfpNowarn: 0x2000, gfpRetryMayfail: 0x4000, gfpNofail: 0x8000, gfpNoretry: 0x10000, gfpComp: 0x40000,
		gfpZero: 0x100, gfpNomemalloc: 0x80000, gfpMemalloc: 0x20000, gfpHardwall: 0x100000, gfpThisnode: 0x200000, gfpReclaimable: 0x10,
		gfpMovable: 0x8, gfpAccount: 0x400000, gfpWrite: 0x1000, gfpDirectReclaim: 0x400, gfpKswapdReclaim: 0x800, gfpZerotags: 0x800000,
	},
	composites: []gfpName{
		{"GFP_TRANSHUGE", 0x1c24ca}, {"GFP_TRANSHUGE_LIGHT", 0x1c20ca}, {"GFP_HIGHUSER_MOVABLE", 0x100cca}, {"GFP_HIGHUSER", 0x100cc2},
		{"GFP_USER", 0x100cc0}, {"GFP_KERNEL_ACCOUNT", 0x400cc0}, {"GFP_KERNEL", 0xcc0}, {"GFP_NOFS", 0xc40},
		{"GFP_ATOMIC", 0xa20}, {"GFP_NOIO", 0xc00}, {"GFP_NOWAIT", 0x800},
	},
}

// gfpEraK is 6.3 to 6.9.
var gfpEraK = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpIO: 0x40, gfpFS: 0x80,
		gfpNowarn: 0x2000, gfpRetryMayfail: 0x4000, gfpNofail: 0x8000, gfpNoretry: 0x10000, gfpComp: 0x40000, gfpZero: 0x100,
		gfpNomemalloc: 0x80000, gfpMemalloc: 0x20000, gfpHardwall: 0x100000, gfpThisnode: 0x200000, gfpReclaimable: 0x10, gfpMovable: 0x8,
		gfpAccount: 0x400000, gfpWrite: 0x1000, gfpDirectReclaim: 0x400, gfpKswapdReclaim: 0x800, gfpZerotags: 0x800000,
	},
	composites: []gfpName{
		{"GFP_TRANSHUGE", 0x1c24ca}, {"GFP_TRANSHUGE_LIGHT", 0x1c20ca}, {"GFP_HIGHUSER_MOVABLE", 0x100cca}, {"GFP_HIGHUSER", 0x100cc2},
		{"GFP_USER", 0x100cc0}, {"GFP_KERNEL_ACCOUNT", 0x400cc0}, {"GFP_KERNEL", 0xcc0}, {"GFP_NOFS", 0xc40},
		{"GFP_ATOMIC", 0x820}, {"GFP_NOIO", 0xc00}, {"GFP_NOWAIT", 0x800},
	},
}

// gfpEraL is 6.10 to 7.3.
var gfpEraL = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpIO: 0x40, gfpFS: 0x80,
		gfpNowarn: 0x2000, gfpRetryMayfail: 0x4000, gfpNofail: 0x8000, gfpNoretry: 0x10000, gfpComp: 0x40000, gfpZero: 0x100,
		gfpNomemalloc: 0x80000, gfpMemalloc: 0x20000, gfpHardwall: 0x100000, gfpThisnode: 0x200000, gfpReclaimable: 0x10, gfpMovable: 0x8,
		gfpAccount: 0x400000, gfpWrite: 0x1000, gfpDirectReclaim: 0x400, gfpKswapdReclaim: 0x800, gfpZerotags: 0x800000, gfpNoObjExt: 0x1000000,
	},
	composites: []gfpName{
		{"GFP_TRANSHUGE", 0x1c24ca}, {"GFP_TRANSHUGE_LIGHT", 0x1c20ca}, {"GFP_HIGHUSER_MOVABLE", 0x100cca}, {"GFP_HIGHUSER", 0x100cc2},
		{"GFP_USER", 0x100cc0}, {"GFP_KERNEL_ACCOUNT", 0x400cc0}, {"GFP_KERNEL", 0xcc0}, {"GFP_NOFS", 0xc40},
		{"GFP_ATOMIC", 0x820}, {"GFP_NOIO", 0xc00}, {"GFP_NOWAIT", 0x2800},
	},
}
