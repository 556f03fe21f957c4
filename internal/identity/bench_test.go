// SPDX-License-Identifier: Apache-2.0

package identity

import "testing"

var sink Identity

func BenchmarkOf(b *testing.B) {
	const id = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
	for _, c := range []struct{ name, path string }{
		{"docker", "/docker/" + id},
		{"service", "/system.slice/nginx.service"},
		{"cgroupfs pod", "/kubepods/burstable/pod0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f/" + id},
		{"systemd pod", "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice/cri-containerd-" + id + ".scope"},
		{"kind", "/system.slice/docker-" + id + ".scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice/cri-containerd-" + id + ".scope"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(c.path)))
			for b.Loop() {
				sink = Of(c.path)
			}
		})
	}
}
