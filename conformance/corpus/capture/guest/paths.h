/* SPDX-License-Identifier: Apache-2.0 */

/* Cgroup paths as container runtimes and systemd make them. */
#ifndef PATHS_H
#define PATHS_H

#define UID "0c1d2e3f-4a5b-6c7d-8e9f-0a1b2c3d4e5f"
#define UID_ "0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f" /* as systemd's slices spell it */
#define ID1 "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
#define ID2 "b7e23ec29af22b0b4e41da31e868d57226121c84a2c4d1b0e7f3a9085c6d7e8f"

#define POD_BURSTABLE "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice"
#define POD_BESTEFFORT "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_ ".slice"
#define POD_BESTEFFORT_CONTAINER POD_BESTEFFORT "/cri-containerd-" ID2 ".scope"
#define POD_GUARANTEED "/kubepods.slice/kubepods-pod" UID_ ".slice"
#define POD_CGROUPFS "/kubepods/burstable/pod" UID
#define POD_KIND "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod" UID_ ".slice"

#endif
