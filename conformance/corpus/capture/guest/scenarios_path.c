/* SPDX-License-Identifier: Apache-2.0 */

/* Limits on cgroups whose paths say who lives there. */
#include "job.h"
#include "paths.h"
#include "plain.h"

static void pod_limit(const struct scenario *s)
{
	const char *second = POD_BURSTABLE "/crio-" ID2 ".scope";
	cgroup_make(second);
	process_go(START(.role = "other_container", .comm = "envoy", .uid = 1337, .adj = 985, .cgroup = second, .job = job_hold, .kb = 4000));
	process_watch(100);
	run_limited(s);
}

#define PATH(scenario, description, limit_on, task_in, name, user, adjustment)                                          \
	{ scenario, CGROUP_AND_HOST, description, "the hog is killed at 24 MB", MEMCG, run_limited, .limited = limit_on, .limit_mb = 24, \
		.hog = { .comm = name, .uid = user, .adj = adjustment, .cgroup = task_in, .job = job_anon } }
#define LIMIT_ON_OWN(scenario, description, path, name, user, adjustment) PATH(scenario, description, path, path, name, user, adjustment)

const struct scenario path_scenarios[] = {
	LIMIT_ON_OWN("e_k8s_systemd", "Kubernetes, systemd driver, container limit", POD_BURSTABLE "/cri-containerd-" ID1 ".scope", "app-main", 1000, 985),
	{ "e_k8s_systemd_pod", CGROUP_AND_HOST, "Kubernetes, systemd driver, pod limit, a second container",
		"oom_memcg is the pod's slice, task_memcg the container", MEMCG, pod_limit, .limited = POD_BURSTABLE, .limit_mb = 24,
		.hog = { .comm = "app-main", .uid = 1000, .adj = 985, .cgroup = POD_BURSTABLE "/cri-containerd-" ID1 ".scope", .job = job_anon } },
	LIMIT_ON_OWN("e_k8s_cgroupfs", "Kubernetes, cgroupfs driver, container limit", POD_CGROUPFS "/" ID1, "node", 1000, 985),
	PATH("e_k8s_cgroupfs_pod", "Kubernetes, cgroupfs driver, pod limit", "/kubepods/besteffort/pod" UID, "/kubepods/besteffort/pod" UID "/" ID1, "node",
		1000, 1000),
	PATH("e_k8s_guaranteed_crio", "Kubernetes, guaranteed pod, CRI-O", POD_GUARANTEED "/crio-" ID1 ".scope",
		POD_GUARANTEED "/crio-" ID1 ".scope/container", "app", 1000, -997),
	LIMIT_ON_OWN("e_k8s_kind", "Kubernetes in kind: below /kubelet.slice", POD_KIND "/cri-containerd-" ID2 ".scope", "app", 0, 1000),
	LIMIT_ON_OWN("e_docker", "Docker, cgroupfs driver", "/docker/" ID1, "mysqld", 999, 0),
	LIMIT_ON_OWN("e_docker_systemd", "Docker, systemd driver", "/system.slice/docker-" ID2 ".scope", "redis-server", 999, 0),
	PATH("e_podman", "Podman, limit on the scope", "/machine.slice/libpod-" ID2 ".scope", "/machine.slice/libpod-" ID2 ".scope/container", "ruby", 0, 0),
	LIMIT_ON_OWN("e_service", "systemd service", "/system.slice/app.service", "app", 996, 0),
	LIMIT_ON_OWN("e_service_template", "systemd template instance, escaped name", "/system.slice/system-getty.slice/worker@a\\x2db:1.service", "app",
		0, 0),
	PATH("e_user_slice", "limit on a user's slice, victim far below", "/user.slice/user-1000.slice",
		"/user.slice/user-1000.slice/user@1000.service/app.slice/app-gnome-firefox-4242.scope", "Web Content", 1000, 200),
	{ 0 },
};
