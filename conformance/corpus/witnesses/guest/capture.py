#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0

"""Runs inside the guest: makes processes die, and writes the log beside what truly happened.

The truth comes from the kernel's tracepoints (who generated SIGKILL for whom, which process
exited, whom the OOM killer chose), from /proc and cgroup files read while the victims live, and
from waitpid. It never comes from a log.
"""

import json
import os
import re
import shutil
import ssl
import subprocess
import tarfile
import threading
import time
import urllib.request

OUT = "/run/capture"
TRACE = "/sys/kernel/tracing/"
HOG = "/opt/hog/"
VICTIMS = ("ingest", "cart", "batch")
CONTAINER = "4f2a9be0c7d1835e6f90a1b2c3d4e5f60718293a4b5c6d7e8f9001122334455a"
POD = "kubepods-burstable-pod0c1d2e3f_4a5b_6c7d_8e9f_0a1b2c3d4e5f.slice"


def sh(*args, check=False, timeout=60):
    p = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout)
    if check and p.returncode:
        raise RuntimeError(f"{args}: {p.returncode}: {p.stderr[-400:]}")
    return p.stdout


def write(path, text):
    with open(path, "w") as f:
        f.write(text)


def read(path):
    try:
        with open(path) as f:
            return f.read()
    except OSError:
        return ""


class Sampler(threading.Thread):
    """Notes the cgroup and the user of every victim while it lives."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.stop = {}, False

    def run(self):
        while not self.stop:
            for pid in filter(str.isdigit, os.listdir("/proc")):
                comm = read(f"/proc/{pid}/comm").strip()
                if comm not in VICTIMS:
                    continue
                status = read(f"/proc/{pid}/status")
                m = re.search(r"^Uid:\s+(\d+)", status, re.M)
                rss = re.search(r"^VmRSS:\s+(\d+)", status, re.M)
                inner = re.search(r"^NSpid:\s+(.*)$", status, re.M)
                cgroup = read(f"/proc/{pid}/cgroup").strip().partition("::")[2]
                if not cgroup or not m or not rss:
                    continue
                was = self.seen.setdefault(int(pid), {"comm": comm, "uid": int(m[1])})
                was.update(cgroup=cgroup, rss_kib=int(rss[1]), pids_by_namespace=[int(p) for p in inner[1].split()])
                events = read("/sys/fs/cgroup" + cgroup + "/memory.events")
                if events:
                    was["memory_events"] = dict((k, int(v)) for k, v in map(str.split, events.splitlines()))
            time.sleep(0.05)


LINE = re.compile(r"^\s*(.+)-(\d+)\s+\[\d+\]\s+\S+\s+([\d.]+): (\w+): (.*)$")


def traced(offset):
    """The tracepoints hit since the last clear, with wall time."""
    out = []
    for line in read(TRACE + "trace").splitlines():
        m = LINE.match(line)
        if not m:
            continue
        values = dict(re.findall(r"(\w+)=(\S+)", m[5]))
        out.append({"task": m[1].strip(), "task_pid": int(m[2]), "time": float(m[3]) + offset, "event": m[4], "values": values})
    return out


class Run:
    """One scenario, from a quiet state to a quiet state."""

    def __init__(self, name, about, programs):
        self.name, self.dir = name, f"{OUT}/{name}"
        self.truth = {"scenario": name, "about": about, "programs": programs, "kernel": os.uname().release}
        os.makedirs(self.dir)

    def __enter__(self):
        sh("journalctl", "--sync")
        self.cursor = json.loads(sh("journalctl", "-n1", "-ojson"))["__CURSOR"]
        self.kmsg = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.kmsg, 0, os.SEEK_END)
        write(TRACE + "trace", "")
        self.vmstat = self.oom_kills()
        self.offset = time.clock_gettime(time.CLOCK_REALTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
        self.sampler = Sampler()
        self.sampler.start()
        self.began = time.time()
        return self

    @staticmethod
    def oom_kills():
        return int(re.search(r"^oom_kill (\d+)", read("/proc/vmstat"), re.M)[1])

    def __exit__(self, *failed):
        self.sampler.stop = True
        self.sampler.join()
        sh("journalctl", "--sync")
        points = traced(self.offset)
        self.truth["began"], self.truth["ended"] = self.began, time.time()
        self.truth["oom_kill_in_vmstat"] = self.oom_kills() - self.vmstat
        self.truth["chosen_by_oom_killer"] = [int(p["values"]["pid"]) for p in points if p["event"] == "mark_victim"]
        self.truth["signals"] = [
            {"from": {"pid": p["task_pid"], "comm": p["task"]}, "time": p["time"], "signal": int(p["values"]["sig"]),
             "by_kernel": p["values"]["code"] == "128",
             "to": {"pid": int(p["values"]["pid"]), "comm": p["values"]["comm"]}}
            for p in points if p["event"] == "signal_generate" and p["values"]["comm"] in VICTIMS and p["values"]["res"] == "0"]
        exits = {int(p["values"]["pid"]): p["time"] for p in points if p["event"] == "sched_process_exit" and p["values"]["comm"] in VICTIMS}
        self.truth["victims"] = []
        for pid, was in sorted(self.sampler.seen.items()):
            if pid not in exits:
                continue
            kills = [s for s in self.truth["signals"] if s["to"]["pid"] == pid and s["signal"] == 9]
            self.truth["victims"].append({"pid": pid, **was, "exited": exits[pid], "killed_with_sigkill": bool(kills)})
        self.export()
        if failed[0]:
            self.truth["failed"] = repr(failed[1])
        write(f"{self.dir}/truth.json", json.dumps(self.truth, indent=1) + "\n")
        print(f"capture {self.name}: {len(self.truth['victims'])} victims, {self.truth.get('failed', 'ok')}", flush=True)
        return True

    def export(self):
        after = ("journalctl", "--after-cursor=" + self.cursor, "--no-pager", "-q")
        write(f"{self.dir}/journal.json", sh(*after, "-ojson"))
        write(f"{self.dir}/short.txt", sh(*after, "-oshort"))
        records = []
        while True:
            try:
                records.append(os.read(self.kmsg, 65536))
            except BlockingIOError:
                break
            except OSError:
                continue
        os.close(self.kmsg)
        with open(f"{self.dir}/kmsg.raw", "wb") as f:
            f.write(b"".join(records))

    def unit(self, unit, *command, **properties):
        args = ["systemd-run", "--unit=" + unit, "--no-block"]
        args += ["--slice=" + properties.pop("Slice")] if "Slice" in properties else []
        args += [f"-p{k}={v}" for k, v in properties.items()]
        sh(*args, *command, check=True)

    def note(self, unit):
        """What waitid(2) gave systemd for the unit's main process."""
        fields = "ExecMainPID,ExecMainCode,ExecMainStatus,Result,InvocationID,ControlGroup"
        self.truth.setdefault("units", {})[unit] = dict(
            l.split("=", 1) for l in sh("systemctl", "show", unit, "-p", fields).splitlines())

    def ended(self, unit, within=40):
        """Waits until a unit is no longer active, notes it, and forgets it."""
        for _ in range(within * 5):
            if sh("systemctl", "is-active", unit).strip() not in ("active", "activating", "deactivating", "reloading"):
                break
            time.sleep(0.2)
        time.sleep(1)
        self.note(unit)
        sh("systemctl", "reset-failed", unit)

    # The harness itself is spared by every killer, and its children are not.
    def child(self, *command, within=40):
        """A child of this program: waitpid says how it died."""
        p = subprocess.Popen(command, preexec_fn=lambda: write("/proc/self/oom_score_adj", "0"))
        try:
            p.wait(within)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()
            self.truth["ended_by_harness"] = True
        self.truth.setdefault("waited", {})[str(p.pid)] = (
            {"signal": -p.returncode} if p.returncode < 0 else {"status": p.returncode})


def kernel_unit():
    with Run("kernel-unit", "the kernel kills a service over its MemoryMax", ["systemd 252"]) as r:
        r.unit("ingest", HOG + "ingest", "200", MemoryMax="64M", MemorySwapMax="0")
        r.ended("ingest.service")


def kernel_child():
    with Run("kernel-child", "the kernel kills a child of a service with OOMPolicy=continue; the service goes on", ["systemd 252"]) as r:
        r.unit("ingest", HOG + "ingest", "-c", "200", MemoryMax="64M", MemorySwapMax="0", OOMPolicy="continue")
        r.ended("ingest.service")


def kernel_slices():
    with Run("kernel-slices", "a slice over its limit; the parents' slices report the kill too", ["systemd 252"]) as r:
        sh("systemctl", "set-property", "--runtime", "shop-cart.slice", "MemoryMax=64M", "MemorySwapMax=0")
        r.unit("cart", HOG + "cart", "200", Slice="shop-cart.slice")
        r.ended("cart.service")


def kernel_global():
    with Run("kernel-global", "no limit: the machine runs out of memory", ["systemd 252"]) as r:
        sh("swapoff", "-a")
        # Without room to spare the machine rereads its programs for minutes before it gives up.
        write("/proc/sys/vm/min_free_kbytes", "262144")
        r.unit("batch", HOG + "batch", "-s", "0", "4000", OOMScoreAdjust="500")
        r.ended("batch.service", within=90)
    write("/proc/sys/vm/min_free_kbytes", "16384")
    sh("swapon", "/swapfile")


def stop_timeout():
    with Run("stop-timeout", "systemctl stop of a service that ignores SIGTERM, TimeoutStopSec=2", ["systemd 252"]) as r:
        r.unit("ingest", HOG + "ingest", "-i", "5", TimeoutStopSec="2")
        time.sleep(3)
        sh("systemctl", "stop", "ingest.service")
        r.ended("ingest.service")


def client_request():
    with Run("client-request", "systemctl kill -s KILL", ["systemd 252"]) as r:
        r.unit("ingest", HOG + "ingest", "5")
        time.sleep(3)
        sh("systemctl", "kill", "-s", "KILL", "ingest.service")
        r.ended("ingest.service")


def plain_kill():
    with Run("kill-9", "another unit runs kill -9; no audit rule", ["systemd 252"]) as r:
        r.unit("ingest", HOG + "ingest", "5")
        time.sleep(3)
        pid = sh("systemctl", "show", "ingest", "-p", "ExecMainPID", "--value").strip()
        r.unit("admin", "/bin/kill", "-9", pid)
        r.ended("ingest.service")


def exit_137():
    with Run("exit-137", "a service exits with status 137 by itself: nobody sent SIGKILL", ["systemd 252"]) as r:
        r.unit("ingest", HOG + "ingest", "-x", "137")
        r.ended("ingest.service")


def audit(name, log_format):
    write("/etc/audit/auditd.conf", re.sub(r"(?m)^log_format.*", f"log_format = {log_format}", read("/etc/audit/auditd.conf")))
    sh("systemctl", "start", "auditd.service")
    sh("auditctl", "-e", "1")
    sh("auditctl", "-a", "always,exit", "-F", "arch=b64", "-S", "kill", "-F", "a1=9", "-k", "sigkill")
    with Run(name, f"another unit runs kill -9; auditd with the kill rule, {log_format}", ["systemd 252", "auditd 3.0.9"]) as r:
        size = len(read("/var/log/audit/audit.log"))
        r.unit("ingest", HOG + "ingest", "5")
        time.sleep(3)
        pid = sh("systemctl", "show", "ingest", "-p", "ExecMainPID", "--value").strip()
        r.unit("admin", "/bin/kill", "-9", pid)
        r.ended("ingest.service")
        time.sleep(1)
        write(f"{r.dir}/audit.log", read("/var/log/audit/audit.log")[size:])
        write(f"{r.dir}/ausearch.txt", sh("ausearch", "-i", "-k", "sigkill", "--input", f"{r.dir}/audit.log"))
    sh("auditctl", "-D")
    sh("auditctl", "-e", "0")
    sh("systemctl", "kill", "auditd.service")
    time.sleep(2)


def oomd_pressure():
    with Run("oomd-pressure", "systemd-oomd kills for memory pressure", ["systemd-oomd 252"]) as r:
        sh("systemctl", "start", "systemd-oomd.service")
        sh("systemctl", "set-property", "--runtime", "shop.slice", "ManagedOOMMemoryPressure=kill", "ManagedOOMMemoryPressureLimit=5%")
        r.unit("cart", HOG + "cart", "-s", "100", "160", Slice="shop.slice", MemoryHigh="40M")
        r.ended("cart.service", within=90)
        sh("systemctl", "set-property", "--runtime", "shop.slice", "ManagedOOMMemoryPressure=auto")
        sh("systemctl", "stop", "systemd-oomd.service", "systemd-oomd.socket")


def oomd_swap():
    with Run("oomd-swap", "systemd-oomd kills for swap and memory used", ["systemd-oomd 252"]) as r:
        sh("systemctl", "set-property", "--runtime", "shop.slice", "ManagedOOMSwap=kill")
        r.unit("cart", HOG + "cart", "-s", "500", "240", Slice="shop.slice", MemoryHigh="60M")
        time.sleep(2)
        sh("systemctl", "start", "systemd-oomd.service")
        r.ended("cart.service", within=90)
        sh("systemctl", "set-property", "--runtime", "shop.slice", "ManagedOOMSwap=auto")
        sh("systemctl", "stop", "systemd-oomd.service", "systemd-oomd.socket")


def earlyoom(name, about, *hog, limits="-m 60,30 -s 100,100 -r 60"):
    write("/etc/default/earlyoom", f'EARLYOOM_ARGS="{limits}"\n')
    with Run(name, about, ["earlyoom 1.7"]) as r:
        sh("systemctl", "start", "earlyoom.service")
        time.sleep(2)
        r.child(HOG + "batch", *hog, within=45)
        time.sleep(2)
        sh("systemctl", "stop", "earlyoom.service")


def nohang():
    conf = read("/etc/nohang/nohang.conf")
    for key, value in (("soft_threshold_min_mem", "50 %"), ("hard_threshold_min_mem", "20 %"), ("soft_threshold_min_swap", "100 %"),
                       ("hard_threshold_min_swap", "100 %")):
        conf = re.sub(rf"(?m)^{key}\s*=.*", f"{key} = {value}", conf)
    write("/etc/nohang/nohang.conf", conf)
    for name, hog in (("nohang-term", ["-s", "1000", "700"]), ("nohang-kill", ["-i", "-s", "800", "850"])):
        with Run(name, "nohang sends a signal to the largest", ["nohang 0.2"]) as r:
            sh("systemctl", "start", "nohang.service")
            time.sleep(5)
            r.child(HOG + "batch", *hog, within=60)
            time.sleep(4)
            sh("systemctl", "stop", "nohang.service")


def podman():
    sh("podman", "import", "/opt/image.tar", "registry.example.com/shop/cart:1.4.2", check=True, timeout=300)
    base = ("podman", "run", "-d", "--network=none", "--name=cart")
    with Run("podman-oom", "the kernel kills a Podman container over its limit", ["podman 4.3.1", "systemd 252"]) as r:
        r.truth["container"] = sh(*base, "--memory=64m", "--memory-swap=64m", "registry.example.com/shop/cart:1.4.2", "/cart", "200",
                                  check=True, timeout=120).strip()
        r.truth["exit_code"] = sh("podman", "wait", "cart", timeout=120).strip()
        time.sleep(2)
        r.truth["inspect"] = json.loads(sh("podman", "inspect", "cart"))[0]["State"]
        sh("podman", "rm", "-f", "cart")
    with Run("podman-stop", "podman stop of a container that ignores SIGTERM", ["podman 4.3.1", "systemd 252"]) as r:
        r.truth["container"] = sh(*base, "registry.example.com/shop/cart:1.4.2", "/cart", "-i", "5", check=True, timeout=120).strip()
        time.sleep(2)
        r.unit("podman-stop", "/usr/bin/podman", "stop", "-t", "2", "cart")
        r.truth["exit_code"] = sh("podman", "wait", "cart", timeout=120).strip()
        r.ended("podman-stop.service")
        r.truth["inspect"] = json.loads(sh("podman", "inspect", "cart"))[0]["State"]
        sh("podman", "rm", "-f", "cart")


def containerd():
    sh("swapoff", "-a")  # a limit of the container would not end it otherwise
    sh("systemctl", "start", "containerd.service", timeout=120)
    time.sleep(5)
    image = "docker.io/library/cart:1.4.2"
    sh("ctr", "-n", "k8s.io", "images", "import", "/opt/docker.tar", check=True, timeout=200)
    run = ("ctr", "-n", "k8s.io", "run", "--rm", "--runc-systemd-cgroup", "--cgroup", f"{POD}:cri-containerd:{CONTAINER}")
    with Run("containerd-oom", "the kernel kills a container of containerd over its limit", ["containerd 1.6.20", "runc 1.1.5", "systemd 252"]) as r:
        r.truth["container"] = CONTAINER
        p = subprocess.run(run + ("--memory-limit", "67108864", image, CONTAINER, "/cart", "200"), capture_output=True, text=True, timeout=120)
        r.truth["exit_code"], r.truth["ctr"] = p.returncode, p.stderr[-300:]
        time.sleep(3)
    with Run("containerd-kill", "ctr task kill -s SIGKILL of a container", ["containerd 1.6.20", "runc 1.1.5", "systemd 252"]) as r:
        r.truth["container"] = CONTAINER
        p = subprocess.Popen(run + (image, CONTAINER, "/cart", "5"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(6)
        sh("ctr", "-n", "k8s.io", "task", "kill", "-s", "SIGKILL", CONTAINER)
        r.truth["exit_code"] = p.wait(60)
        time.sleep(3)


def docker():
    write("/etc/docker/daemon.json", '{"bridge": "none", "iptables": false}')
    sh("systemctl", "start", "docker.socket", "docker.service", timeout=200)
    image = "cart:1.4.2"
    sh("docker", "load", "-i", "/opt/docker.tar", check=True, timeout=200)
    programs = ["docker 20.10.24", "containerd 1.6.20", "runc 1.1.5", "systemd 252"]

    def scenario(name, about, options, command, then=()):
        with Run(name, about, programs) as r:
            watchers = [
                subprocess.Popen(["docker", "events", *form], stdout=open(f"{r.dir}/events.{ext}", "w"), stderr=subprocess.DEVNULL)
                for ext, form in (("json", ["--format", "{{json .}}"]), ("txt", []))]
            time.sleep(4)
            r.truth["container"] = sh("docker", "run", "-d", "--network=none", "--name=cart", *options, image, *command, check=True,
                                      timeout=120).strip()
            if then:
                time.sleep(3)
                r.unit("admin", "/usr/bin/docker", *then)
            r.truth["exit_code"] = sh("docker", "wait", "cart", timeout=120).strip()
            time.sleep(5)
            r.truth["inspect"] = json.loads(sh("docker", "inspect", "cart"))[0]["State"]
            for w in watchers:
                w.terminate()
                w.wait()
        sh("docker", "rm", "-f", "cart")

    limit = ("--memory=64m", "--memory-swap=64m")
    scenario("docker-oom", "the kernel kills a Docker container over its limit", limit, ("200",))
    scenario("docker-oom-child", "the kernel kills a child in a Docker container; the container ends with status 0", limit, ("-c", "200"))
    scenario("docker-stop", "docker stop of a container that ignores SIGTERM", (), ("-i", "5"), ("stop", "-t", "2", "cart"))
    scenario("docker-kill", "docker kill", (), ("5",), ("kill", "cart"))
    sh("systemctl", "stop", "docker.service", "docker.socket")


API = "https://10.0.2.2:16443"
API_TOKEN = "capture"  # of a server that lives as long as the capture, on the host's loopback

KUBELET_CONFIG = """apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
staticPodPath: /etc/kubernetes/manifests
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
address: 127.0.0.1
readOnlyPort: 0
cgroupDriver: systemd
failSwapOn: false
makeIPTablesUtilChains: false
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
imageGCHighThresholdPercent: 100
evictionPressureTransitionPeriod: 5s
evictionHard: {memory.available: "MEMORY", nodefs.available: "0%", imagefs.available: "0%", nodefs.inodesFree: "0%"}
"""


def start_kubelet(memory, *args):
    """Starts a kubelet that evicts when less than so much memory is available."""
    sh("swapoff", "-a")
    write("/etc/resolv.conf", "")
    os.makedirs("/etc/kubernetes/manifests", exist_ok=True)
    write("/etc/kubernetes/kubelet.yaml", KUBELET_CONFIG.replace("MEMORY", memory))
    config = read("/etc/containerd/config.toml").partition("[plugins.\"io.containerd.grpc.v1.cri\".containerd")[0]
    write("/etc/containerd/config.toml", config + """
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
  SystemdCgroup = true
""")
    write("/etc/systemd/system/kubelet.service", "[Service]\nDelegate=yes\nExecStart=/usr/bin/kubelet --config /etc/kubernetes/kubelet.yaml"
          f" --hostname-override node-1 -v 2 {' '.join(args)}\n")
    sh("systemctl", "daemon-reload")
    sh("systemctl", "restart", "containerd.service", timeout=120)
    time.sleep(5)
    for image in ("/opt/docker.tar", "/opt/pause.tar"):
        sh("ctr", "-n", "k8s.io", "images", "import", image, check=True, timeout=200)
    sh("systemctl", "start", "kubelet.service")
    for _ in range(120):
        if sh("journalctl", "-u", "kubelet.service", "--grep", "Started kubelet", "-q"):
            break
        time.sleep(1)
    time.sleep(30)


def kubelet():
    """A kubelet without a cluster: its pods come from files."""
    start_kubelet("1Mi")

    def scenario(name, about, args, options="", within=60, remove=False):
        manifest = "/etc/kubernetes/manifests/cart.yaml"
        with Run(name, about, ["kubelet 1.34.2", "containerd 1.6.20", "runc 1.1.5", "systemd 252"]) as r:
            write("/etc/kubernetes/cart.yaml", f"""apiVersion: v1
kind: Pod
metadata: {{name: cart, namespace: shop}}
spec:
  hostNetwork: true
  restartPolicy: Never
  terminationGracePeriodSeconds: 2
  containers:
  - name: app
    image: docker.io/library/cart:1.4.2
    imagePullPolicy: Never
    args: {json.dumps(args)}
{options}""")
            os.rename("/etc/kubernetes/cart.yaml", manifest)
            for _ in range(within):
                time.sleep(1)
                if r.sampler.seen:
                    break
            pid = min(r.sampler.seen)
            found = re.search(r"cri-containerd-([0-9a-f]{64})\.scope", r.sampler.seen[pid].get("cgroup", ""))
            r.truth["container"] = found[1] if found else ""
            if remove:
                time.sleep(5)
                os.remove(manifest)
            for _ in range(within):
                time.sleep(1)
                if not os.path.exists(f"/proc/{pid}"):
                    break
            time.sleep(8)
        if not remove:
            os.remove(manifest)
        time.sleep(15)

    scenario("kubelet-oom", "the kernel kills a container of a static pod over its limit", ["200"],
             "    resources: {limits: {memory: 64Mi}}\n")
    scenario("kubelet-probe", "a container fails its liveness probe and ignores SIGTERM", ["-i", "5"],
             "    livenessProbe: {tcpSocket: {host: 127.0.0.1, port: 9}, periodSeconds: 2, failureThreshold: 2}\n")
    scenario("kubelet-stop", "a static pod is taken away; its container ignores SIGTERM", ["-i", "5"], remove=True)
    sh("systemctl", "stop", "kubelet.service")


def api(method, path, body=None):
    """A request of the API server on the host."""
    r = urllib.request.Request(API + path, method=method, data=json.dumps(body).encode() if body else None,
                               headers={"Authorization": "Bearer " + API_TOKEN, "Content-Type": "application/json"})
    with urllib.request.urlopen(r, timeout=20, context=ssl._create_unverified_context()) as answer:
        return json.load(answer)


def cluster():
    """A node of a cluster whose API server runs on the host: its events, and the status of its pods."""
    write("/etc/systemd/network/net.network", "[Match]\nType=ether\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\n")
    sh("systemctl", "start", "systemd-networkd.service")
    os.makedirs("/etc/kubernetes", exist_ok=True)
    write("/etc/kubernetes/kubeconfig", json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": API, "insecure-skip-tls-verify": True}}],
        "users": [{"name": "u", "user": {"token": API_TOKEN}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]}))
    start_kubelet("300Mi", "--kubeconfig /etc/kubernetes/kubeconfig", "--node-ip 10.0.2.15")
    api("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})

    def scenario(name, about, args, within=90, **options):
        with Run(name, about, ["kubelet 1.34.2", "containerd 1.6.20", "runc 1.1.5", "systemd 252"]) as r:
            pod = "/api/v1/namespaces/shop/pods/" + name
            api("POST", "/api/v1/namespaces/shop/pods", {"metadata": {"name": name}, "spec": {
                "nodeName": "node-1", "hostNetwork": True, "restartPolicy": "Never", "terminationGracePeriodSeconds": 2,
                "automountServiceAccountToken": False,
                "containers": [{"name": "app", "image": "docker.io/library/cart:1.4.2", "imagePullPolicy": "Never", "args": args, **options}]}})
            for _ in range(within):
                time.sleep(1)
                status = api("GET", pod)
                if status["status"].get("phase") in ("Failed", "Succeeded"):
                    break
            time.sleep(5)
            status = api("GET", pod)
            for state in status["status"].get("containerStatuses", ()):
                r.truth["container"] = state.get("containerID", "").removeprefix("containerd://")
            write(f"{r.dir}/pod.json", json.dumps(status) + "\n")
            events = api("GET", "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.name=" + name)["items"]
            events += api("GET", "/api/v1/namespaces/default/events?fieldSelector=involvedObject.kind=Node")["items"]
            write(f"{r.dir}/kubernetes.json", "".join(json.dumps({"apiVersion": "v1", "kind": "Event", **e}) + "\n" for e in events))
        api("DELETE", pod + "?gracePeriodSeconds=0")
        time.sleep(15)

    scenario("kubernetes-evict", "the kubelet evicts a pod for want of the node's memory", ["-s", "20000", "600"])
    scenario("kubernetes-oom", "the kernel kills a container over its limit", ["200"], resources={"limits": {"memory": "64Mi"}})
    scenario("kubernetes-probe", "a container fails its liveness probe and ignores SIGTERM", ["-i", "5"],
             livenessProbe={"tcpSocket": {"host": "127.0.0.1", "port": 9}, "periodSeconds": 2, "failureThreshold": 2})
    sh("systemctl", "stop", "kubelet.service")


def user_manager():
    """The service manager of a user, and a unit of that."""
    sh("useradd", "-u", "1000", "-m", "shop")
    sh("systemctl", "start", "user@1000.service", timeout=120)
    time.sleep(3)
    user = ("runuser", "-u", "shop", "--", "env", "XDG_RUNTIME_DIR=/run/user/1000")

    def ended(r, unit):
        for _ in range(100):
            if sh(*user, "systemctl", "--user", "is-active", unit).strip() not in ("active", "activating", "deactivating"):
                break
            time.sleep(0.2)
        time.sleep(1)
        fields = "ExecMainPID,ExecMainCode,ExecMainStatus,Result,InvocationID,ControlGroup"
        r.truth.setdefault("units", {})[unit] = dict(
            l.split("=", 1) for l in sh(*user, "systemctl", "--user", "show", unit, "-p", fields).splitlines())
        sh(*user, "systemctl", "--user", "reset-failed", unit)

    with Run("user-oom", "the kernel kills a service of a user's manager over its MemoryMax", ["systemd 252"]) as r:
        sh(*user, "systemd-run", "--user", "--unit=cart", "--no-block", "-pMemoryMax=64M", "-pMemorySwapMax=0", HOG + "cart", "200", check=True)
        ended(r, "cart.service")
    with Run("user-stop", "systemctl --user stop of a service that ignores SIGTERM, TimeoutStopSec=2", ["systemd 252"]) as r:
        sh(*user, "systemd-run", "--user", "--unit=cart", "--no-block", "-pTimeoutStopSec=2", HOG + "cart", "-i", "5", check=True)
        time.sleep(3)
        sh(*user, "systemctl", "--user", "stop", "cart.service")
        ended(r, "cart.service")
    sh("systemctl", "stop", "user@1000.service")


def watchdog():
    with Run("watchdog", "a service misses its watchdog and ignores SIGABRT: SIGKILL", ["systemd 252"]) as r:
        r.unit("ingest", HOG + "ingest", "-a", "5", WatchdogSec="2", TimeoutAbortSec="2")
        r.ended("ingest.service")
    with Run("watchdog-abort", "a service misses its watchdog and dies of SIGABRT", ["systemd 252"]) as r:
        r.unit("ingest", HOG + "ingest", "5", WatchdogSec="2", LimitCORE="0")
        r.ended("ingest.service")


def oom_policy():
    with Run("oom-group", "OOMPolicy=kill: the kernel kills all processes of a service over its MemoryMax", ["systemd 252"]) as r:
        r.unit("ingest", HOG + "ingest", "-c", "200", MemoryMax="64M", MemorySwapMax="0", OOMPolicy="kill")
        r.ended("ingest.service")
    with Run("oom-stop", "OOMPolicy=stop: the kernel kills a child; the service ignores SIGTERM, so that systemd kills it",
             ["systemd 252"]) as r:
        r.unit("ingest", HOG + "ingest", "-i", "-c", "200", MemoryMax="64M", MemorySwapMax="0", OOMPolicy="stop", TimeoutStopSec="2")
        r.ended("ingest.service")


def quiet():
    for unit in ("earlyoom", "nohang", "nohang-desktop", "auditd", "kubelet", "docker", "docker.socket", "containerd", "podman", "podman.socket", "systemd-oomd", "systemd-oomd.socket"):
        sh("systemctl", "stop", unit)
    if not os.path.exists("/swapfile"):
        sh("fallocate", "-l", "300M", "/swapfile")
        os.chmod("/swapfile", 0o600)
        sh("mkswap", "/swapfile")
    sh("swapon", "/swapfile")


SCENARIOS = {
    "kernel-unit": kernel_unit,
    "kernel-child": kernel_child,
    "kernel-slices": kernel_slices,
    "stop-timeout": stop_timeout,
    "client-request": client_request,
    "kill-9": plain_kill,
    "exit-137": exit_137,
    "earlyoom-term": lambda: earlyoom("earlyoom-term", "earlyoom sends SIGTERM", "-s", "3000", "600"),
    "earlyoom-escalates": lambda: earlyoom(
        "earlyoom-escalates", "the victim ignores SIGTERM and grows on: SIGKILL", "-i", "-s", "3000", "900"),
    "earlyoom-fails": lambda: earlyoom(
        "earlyoom-fails", "the victim lives on after SIGTERM: the kill fails", "-r", "8", "-s", "3000", "400", limits="-m 60,5 -s 100 -r 60"),
    "nohang": nohang,
    "oomd-pressure": oomd_pressure,
    "oomd-swap": oomd_swap,
    "user-manager": user_manager,
    "watchdog": watchdog,
    "oom-policy": oom_policy,
    "podman": podman,
    "docker": docker,
    "kubelet": kubelet,
    "cluster": cluster,
    "containerd": containerd,
    "audit-raw": lambda: audit("audit-raw", "RAW"),
    "audit-enriched": lambda: audit("audit-enriched", "ENRICHED"),
    "kernel-global": kernel_global,
}


def main():
    write("/proc/self/oom_score_adj", "-1000")
    if not os.path.exists(TRACE + "trace"):
        sh("mount", "-t", "tracefs", "none", TRACE, check=True)
    write(TRACE + "trace_clock", "mono")
    write(TRACE + "events/signal/signal_generate/filter", "sig == 6 || sig == 9 || sig == 15")
    for event in ("signal/signal_generate", "oom/mark_victim", "sched/sched_process_exit"):
        write(TRACE + f"events/{event}/enable", "1")
    shutil.rmtree(OUT, ignore_errors=True)
    os.makedirs(OUT)
    quiet()
    only = os.environ.get("ONLY", "").split(",") if os.environ.get("ONLY") else None
    for name, run in SCENARIOS.items():
        if only and name not in only:
            continue
        try:
            run()
        except Exception as e:  # the next scenario has its own state
            print(f"capture: {name}: {e!r}", flush=True)
        with tarfile.open("/dev/vdb", "w") as t:
            t.add(OUT, "out")
        os.sync()
    print("capture: done", flush=True)
    sh("systemctl", "poweroff", "--no-block")


main()
