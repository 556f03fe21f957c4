// SPDX-License-Identifier: Apache-2.0

package kernel

// gfpFlag is a single flag, in the order in which the kernel prints the names.
type gfpFlag uint8

const (
	gfpDMA gfpFlag = iota
	gfpHighmem
	gfpDMA32
	gfpHigh
	gfpAtomic
	gfpWait
	gfpIO
	gfpFS
	gfpCold
	gfpNowarn
	gfpRepeat
	gfpRetryMayfail
	gfpNofail
	gfpNoretry
	gfpComp
	gfpZero
	gfpNomemalloc
	gfpMemalloc
	gfpHardwall
	gfpThisnode
	gfpReclaimable
	gfpMovable
	gfpAccount
	gfpNotrack
	gfpWrite
	gfpDirectReclaim
	gfpKswapdReclaim
	gfpOtherNode
	gfpNoGrow
	gfpNoOOM
	gfpNoKswapd
	gfpKmemcg
	gfpNoaccount
	gfpZerotags
	gfpSkipKasanPoison
	gfpNoObjExt
	numGFPFlags
)

// gfpFlagNames are the names as printed.
var gfpFlagNames = [numGFPFlags]string{
	gfpDMA: "GFP_DMA", gfpHighmem: "__GFP_HIGHMEM", gfpDMA32: "GFP_DMA32",
	gfpHigh: "__GFP_HIGH", gfpAtomic: "__GFP_ATOMIC", gfpWait: "__GFP_WAIT",
	gfpIO: "__GFP_IO", gfpFS: "__GFP_FS", gfpCold: "__GFP_COLD",
	gfpNowarn: "__GFP_NOWARN", gfpRepeat: "__GFP_REPEAT", gfpRetryMayfail: "__GFP_RETRY_MAYFAIL",
	gfpNofail: "__GFP_NOFAIL", gfpNoretry: "__GFP_NORETRY", gfpComp: "__GFP_COMP",
	gfpZero: "__GFP_ZERO", gfpNomemalloc: "__GFP_NOMEMALLOC", gfpMemalloc: "__GFP_MEMALLOC",
	gfpHardwall: "__GFP_HARDWALL", gfpThisnode: "__GFP_THISNODE", gfpReclaimable: "__GFP_RECLAIMABLE",
	gfpMovable: "__GFP_MOVABLE", gfpAccount: "__GFP_ACCOUNT", gfpNotrack: "__GFP_NOTRACK",
	gfpWrite: "__GFP_WRITE", gfpDirectReclaim: "__GFP_DIRECT_RECLAIM", gfpKswapdReclaim: "__GFP_KSWAPD_RECLAIM",
	gfpOtherNode: "__GFP_OTHER_NODE", gfpNoGrow: "__GFP_NO_GROW", gfpNoOOM: "__GFP_NO_OOM",
	gfpNoKswapd: "__GFP_NO_KSWAPD", gfpKmemcg: "__GFP_KMEMCG", gfpNoaccount: "__GFP_NOACCOUNT",
	gfpZerotags: "__GFP_ZEROTAGS", gfpSkipKasanPoison: "__GFP_SKIP_KASAN_POISON", gfpNoObjExt: "__GFP_NO_OBJ_EXT",
}

// gfpName is a composite and its bits.
type gfpName struct {
	name string
	mask uint64
}

// gfpEra is one numbering of the bits (docs/formats.md section 1.1). composites are in the order of
// the kernel's table. A flag that came within an era is in it from its start: an older kernel sets
// no bit it does not know.
type gfpEra struct {
	bits       [numGFPFlags]uint64
	composites []gfpName
}

// gfpEraA is 2.6.9.
var gfpEraA = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpHigh: 0x20, gfpWait: 0x10, gfpIO: 0x40, gfpFS: 0x80,
		gfpCold: 0x100, gfpNowarn: 0x200, gfpRepeat: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000, gfpComp: 0x4000,
		gfpNoGrow: 0x2000,
	},
	composites: []gfpName{
		{"GFP_HIGHUSER", 0xd2}, {"GFP_KERNEL", 0xd0}, {"GFP_NOFS", 0x50}, {"GFP_ATOMIC", 0x20},
		{"GFP_NOIO", 0x10},
	},
}

// gfpEraB is 2.6.18.
var gfpEraB = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpWait: 0x10, gfpIO: 0x40,
		gfpFS: 0x80, gfpCold: 0x100, gfpNowarn: 0x200, gfpRepeat: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000,
		gfpComp: 0x4000, gfpZero: 0x8000, gfpNomemalloc: 0x10000, gfpHardwall: 0x20000, gfpNoGrow: 0x2000,
	},
	composites: []gfpName{
		{"GFP_HIGHUSER", 0x200d2}, {"GFP_USER", 0x200d0}, {"GFP_KERNEL", 0xd0}, {"GFP_NOFS", 0x50},
		{"GFP_ATOMIC", 0x20}, {"GFP_NOIO", 0x10},
	},
}

// gfpEraB20 is 2.6.20.
var gfpEraB20 = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpWait: 0x10, gfpIO: 0x40,
		gfpFS: 0x80, gfpCold: 0x100, gfpNowarn: 0x200, gfpRepeat: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000,
		gfpComp: 0x4000, gfpZero: 0x8000, gfpNomemalloc: 0x10000, gfpHardwall: 0x20000, gfpThisnode: 0x40000, gfpNoGrow: 0x2000,
	},
	composites: []gfpName{
		{"GFP_HIGHUSER", 0x200d2}, {"GFP_USER", 0x200d0}, {"GFP_KERNEL", 0xd0}, {"GFP_NOFS", 0x50},
		{"GFP_ATOMIC", 0x20}, {"GFP_NOIO", 0x10},
	},
}

// gfpEraEL5 is RHEL 5.
var gfpEraEL5 = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpWait: 0x10, gfpIO: 0x40,
		gfpFS: 0x80, gfpCold: 0x100, gfpNowarn: 0x200, gfpRepeat: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000,
		gfpComp: 0x4000, gfpZero: 0x8000, gfpNomemalloc: 0x10000, gfpHardwall: 0x20000, gfpNoGrow: 0x2000, gfpNoOOM: 0x40000,
	},
	composites: []gfpName{
		{"GFP_HIGHUSER", 0x200d2}, {"GFP_USER", 0x200d0}, {"GFP_KERNEL", 0xd0}, {"GFP_NOFS", 0x50},
		{"GFP_ATOMIC", 0x20}, {"GFP_NOIO", 0x10},
	},
}

// gfpEraC is 2.6.24 to 2.6.28.
var gfpEraC = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpWait: 0x10, gfpIO: 0x40,
		gfpFS: 0x80, gfpCold: 0x100, gfpNowarn: 0x200, gfpRepeat: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000,
		gfpComp: 0x4000, gfpZero: 0x8000, gfpNomemalloc: 0x10000, gfpHardwall: 0x20000, gfpThisnode: 0x40000, gfpReclaimable: 0x80000,
		gfpMovable: 0x100000,
	},
	composites: []gfpName{
		{"GFP_HIGHUSER_MOVABLE", 0x1200d2}, {"GFP_HIGHUSER", 0x200d2}, {"GFP_USER", 0x200d0}, {"GFP_TEMPORARY", 0x800d0},
		{"GFP_KERNEL", 0xd0}, {"GFP_NOFS", 0x50}, {"GFP_ATOMIC", 0x20}, {"GFP_NOIO", 0x10},
	},
}

// gfpEraD is 2.6.31 to 4.3.
var gfpEraD = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpWait: 0x10, gfpIO: 0x40,
		gfpFS: 0x80, gfpCold: 0x100, gfpNowarn: 0x200, gfpRepeat: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000,
		gfpComp: 0x4000, gfpZero: 0x8000, gfpNomemalloc: 0x10000, gfpMemalloc: 0x2000, gfpHardwall: 0x20000, gfpThisnode: 0x40000,
		gfpReclaimable: 0x80000, gfpMovable: 0x8, gfpNotrack: 0x200000, gfpWrite: 0x1000000, gfpOtherNode: 0x800000, gfpNoKswapd: 0x400000,
	},
	composites: []gfpName{
		{"GFP_HIGHUSER_MOVABLE", 0x200da}, {"GFP_HIGHUSER", 0x200d2}, {"GFP_USER", 0x200d0}, {"GFP_TEMPORARY", 0x800d0},
		{"GFP_KERNEL", 0xd0}, {"GFP_NOFS", 0x50}, {"GFP_ATOMIC", 0x20}, {"GFP_NOIO", 0x10},
	},
}

// gfpEraD38 is 3.8 on.
var gfpEraD38 = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpWait: 0x10, gfpIO: 0x40,
		gfpFS: 0x80, gfpCold: 0x100, gfpNowarn: 0x200, gfpRepeat: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000,
		gfpComp: 0x4000, gfpZero: 0x8000, gfpNomemalloc: 0x10000, gfpMemalloc: 0x2000, gfpHardwall: 0x20000, gfpThisnode: 0x40000,
		gfpReclaimable: 0x80000, gfpMovable: 0x8, gfpNotrack: 0x200000, gfpWrite: 0x1000000, gfpOtherNode: 0x800000, gfpNoKswapd: 0x400000,
		gfpKmemcg: 0x100000,
	},
	composites: []gfpName{
		{"GFP_HIGHUSER_MOVABLE", 0x200da}, {"GFP_HIGHUSER", 0x200d2}, {"GFP_USER", 0x200d0}, {"GFP_TEMPORARY", 0x800d0},
		{"GFP_KERNEL", 0xd0}, {"GFP_NOFS", 0x50}, {"GFP_ATOMIC", 0x20}, {"GFP_NOIO", 0x10},
	},
}

// gfpEraD41 is 4.1 to 4.3.
var gfpEraD41 = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpWait: 0x10, gfpIO: 0x40,
		gfpFS: 0x80, gfpCold: 0x100, gfpNowarn: 0x200, gfpRepeat: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000,
		gfpComp: 0x4000, gfpZero: 0x8000, gfpNomemalloc: 0x10000, gfpMemalloc: 0x2000, gfpHardwall: 0x20000, gfpThisnode: 0x40000,
		gfpReclaimable: 0x80000, gfpMovable: 0x8, gfpNotrack: 0x200000, gfpWrite: 0x1000000, gfpOtherNode: 0x800000, gfpNoKswapd: 0x400000,
		gfpNoaccount: 0x100000,
	},
	composites: []gfpName{
		{"GFP_HIGHUSER_MOVABLE", 0x200da}, {"GFP_HIGHUSER", 0x200d2}, {"GFP_USER", 0x200d0}, {"GFP_TEMPORARY", 0x800d0},
		{"GFP_KERNEL", 0xd0}, {"GFP_NOFS", 0x50}, {"GFP_ATOMIC", 0x20}, {"GFP_NOIO", 0x10},
	},
}

// gfpEraE44 is 4.4.
var gfpEraE44 = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpAtomic: 0x80000, gfpIO: 0x40,
		gfpFS: 0x80, gfpCold: 0x100, gfpNowarn: 0x200, gfpRepeat: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000,
		gfpComp: 0x4000, gfpZero: 0x8000, gfpNomemalloc: 0x10000, gfpMemalloc: 0x2000, gfpHardwall: 0x20000, gfpThisnode: 0x40000,
		gfpReclaimable: 0x10, gfpMovable: 0x8, gfpNotrack: 0x200000, gfpWrite: 0x1000000, gfpDirectReclaim: 0x400000, gfpKswapdReclaim: 0x2000000,
		gfpOtherNode: 0x800000, gfpNoaccount: 0x100000,
	},
	composites: []gfpName{
		{"GFP_HIGHUSER_MOVABLE", 0x24200ca}, {"GFP_HIGHUSER", 0x24200c2}, {"GFP_USER", 0x24200c0}, {"GFP_TEMPORARY", 0x24000d0},
		{"GFP_KERNEL", 0x24000c0}, {"GFP_NOFS", 0x2400040}, {"GFP_ATOMIC", 0x2080020}, {"GFP_NOIO", 0x2400000},
		{"GFP_NOWAIT", 0x2000000},
	},
}

// gfpEraE45 is 4.5 to 4.9.
var gfpEraE45 = gfpEra{
	bits: [numGFPFlags]uint64{
		gfpDMA: 0x1, gfpHighmem: 0x2, gfpDMA32: 0x4, gfpHigh: 0x20, gfpAtomic: 0x80000, gfpIO: 0x40,
		gfpFS: 0x80, gfpCold: 0x100, gfpNowarn: 0x200, gfpRepeat: 0x400, gfpNofail: 0x800, gfpNoretry: 0x1000,
		gfpComp: 0x4000, gfpZero: 0x8000, gfpNomemalloc: 0x10000, gfpMemalloc: 0x2000, gfpHardwall: 0x20000, gfpThisnode: 0x40000,
		gfpReclaimable: 0x10, gfpMovable: 0x8, gfpAccount: 0x100000, gfpNotrack: 0x200000, gfpWrite: 0x1000000, gfpDirectReclaim: 0x400000,
		gfpKswapdReclaim: 0x2000000, gfpOtherNode: 0x800000,
	},
	composites: []gfpName{
		{"GFP_HIGHUSER_MOVABLE", 0x24200ca}, {"GFP_HIGHUSER", 0x24200c2}, {"GFP_USER", 0x24200c0}, {"GFP_TEMPORARY", 0x24000d0},
		{"GFP_KERNEL_ACCOUNT", 0x25000c0}, {"GFP_KERNEL", 0x24000c0}, {"GFP_NOFS", 0x2400040}, {"GFP_ATOMIC", 0x2080020},
		{"GFP_NOIO", 0x2400000}, {"GFP_NOWAIT", 0x2000000},
	},
}
