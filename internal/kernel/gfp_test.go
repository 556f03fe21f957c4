// SPDX-License-Identifier: Apache-2.0

package kernel

import "testing"

// The masks of kernels from 4.6 on stand in real logs beside the names that those kernels printed
// for them.
func TestDecodeGFPByRelease(t *testing.T) {
	for _, c := range []struct {
		mask    uint64
		release string
		want    string
	}{
		{0xd0, "2.6.9-5.EL", "GFP_KERNEL"},
		{0xd2, "2.6.9", "GFP_HIGHUSER"},
		{0x20d0, "2.6.9", "GFP_KERNEL|__GFP_NO_GROW"},
		{0x280d2, "2.6.18", "GFP_HIGHUSER|__GFP_ZERO"},
		{0x400d0, "2.6.18", "GFP_KERNEL|0x40000"},
		{0x400d0, "2.6.18-274.el5", "GFP_KERNEL|__GFP_NO_OOM"},
		{0x400d0, "2.6.20", "GFP_KERNEL|__GFP_THISNODE"},
		{0x1201d2, "2.6.24-1-686", "GFP_HIGHUSER_MOVABLE|__GFP_COLD"},
		{0x800d0, "2.6.28", "GFP_TEMPORARY"},
		{0x201da, "2.6.32-504.el6.x86_64", "GFP_HIGHUSER_MOVABLE|__GFP_COLD"},
		{0x280da, "3.10.0-1062.el7.x86_64", "GFP_HIGHUSER_MOVABLE|__GFP_ZERO"},
		{0x2000d0, "3.2.0-4-amd64", "GFP_KERNEL|__GFP_NOTRACK"},
		{0x1000d0, "3.10.105", "GFP_KERNEL|__GFP_KMEMCG"},
		{0x1000d0, "3.10.0-1062.el7.x86_64", "GFP_KERNEL|0x100000"},
		{0xcc0, "5.4.123-1.el7.elrepo.x86_64", "GFP_KERNEL"},
		{0x15000c0, "4.14.35-2047.el7uek.x86_64", "GFP_KERNEL_ACCOUNT"},
		{0x1000d0, "4.2.8", "GFP_KERNEL|__GFP_NOACCOUNT"},
		{0x20, "4.2.8", "GFP_ATOMIC"},
		{0x50, "4.1.0", "GFP_NOFS"},
		{0x24000c0, "4.4.155", "GFP_KERNEL"},
		{0x25000c0, "4.4.155", "GFP_KERNEL|__GFP_NOACCOUNT"},
		{0x25000c0, "4.5.0", "GFP_KERNEL_ACCOUNT"},
		{0x24000c0, "4.8.0-gentoo", "GFP_KERNEL"},
		{0x14201ca, "4.12.0", "GFP_HIGHUSER_MOVABLE|__GFP_COLD"},
		{0x15000c0, "4.15.0-108-generic", "GFP_KERNEL_ACCOUNT"},
		{0x6200ca, "4.18.0-139.el8.ppc64le+debug", "GFP_HIGHUSER_MOVABLE"},
		{0x6202c2, "5.0.0-rc1", "GFP_HIGHUSER|__GFP_NOWARN"},
		{0x440dc0, "5.4.0-29-generic", "GFP_KERNEL_ACCOUNT|__GFP_COMP|__GFP_ZERO"},
		{0x500cc2, "5.10.0-32-cloud-amd64", "GFP_HIGHUSER|__GFP_ACCOUNT"},
		{0x40cd0, "5.10.0-32-cloud-amd64", "GFP_KERNEL|__GFP_COMP|__GFP_RECLAIMABLE"},
		{0x1100cca, "5.15.158-2-pve", "GFP_HIGHUSER_MOVABLE"},
		{0xcc0, "5.13.0-19-generic", "GFP_KERNEL"},
		{0x140dca, "6.12.107+deb13-cloud-amd64", "GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO"},
		{0x442dc0, "6.12.107+deb13-cloud-amd64", "GFP_KERNEL_ACCOUNT|__GFP_NOWARN|__GFP_COMP|__GFP_ZERO"},
		{0x1000cc0, "6.18.2", "GFP_KERNEL|__GFP_NO_OBJ_EXT"},
		{0x6000c0, "4.17.0", "GFP_KERNEL"},  // told from its two eras by the mask
		{0x14000c0, "4.17.0", "GFP_KERNEL"}, // the same
		{0, "3.10.0", ""},
	} {
		if got := DecodeGFP(c.mask, c.release); got != c.want {
			t.Errorf("%#x on %s: got %q, want %q", c.mask, c.release, got, c.want)
		}
	}
}

func TestDecodeGFPByMask(t *testing.T) {
	for _, release := range []string{"", "custom"} {
		for mask, want := range map[uint64]string{
			0xd0:      "GFP_KERNEL",
			0x50:      "GFP_NOFS",
			0x200d2:   "GFP_HIGHUSER",
			0x1200d2:  "GFP_HIGHUSER_MOVABLE",
			0x200da:   "GFP_HIGHUSER_MOVABLE",
			0x201da:   "GFP_HIGHUSER_MOVABLE|__GFP_COLD",
			0x2084d0:  "GFP_KERNEL|__GFP_REPEAT|__GFP_ZERO|__GFP_NOTRACK",
			0x24200ca: "GFP_HIGHUSER_MOVABLE",
			0x25000c0: "GFP_KERNEL_ACCOUNT", // one word is likelier than __GFP_NOACCOUNT with another
			0x400d0:   "",                   // __GFP_THISNODE, or RHEL 5's __GFP_NO_OOM
			0x20d0:    "",                   // __GFP_NO_GROW, or __GFP_MEMALLOC
			0x40:      "",                   // no request that may reclaim
			0x0:       "",
		} {
			if got := DecodeGFP(mask, release); got != want {
				t.Errorf("%#x: got %q, want %q", mask, got, want)
			}
		}
	}
}

// Every bit of a mask is in exactly one of the names or in the residue.
func TestGFPErasAreDisjoint(t *testing.T) {
	for _, span := range gfpSpans {
		for _, e := range span.eras {
			var seen uint64
			for flag, bit := range e.bits {
				if bit&(bit-1) != 0 || seen&bit != 0 {
					t.Errorf("from %v: %s has bits %#x", span.from, gfpFlagNames[flag], bit)
				}
				seen |= bit
			}
			for _, c := range e.composites {
				if c.mask&^seen != 0 {
					t.Errorf("from %v: %s has bits beyond the flags: %#x", span.from, c.name, c.mask&^seen)
				}
			}
		}
	}
}
