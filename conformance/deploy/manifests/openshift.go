// SPDX-License-Identifier: Apache-2.0

package manifests

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SecurityContextConstraints is OpenShift's object of that name, with the fields that
// https://docs.redhat.com/en/documentation/openshift_container_platform/4.19/html/security_apis/securitycontextconstraints-security-openshift-io-v1
// lists. Its Go module cannot be had at a version that has them all.
type SecurityContextConstraints struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Priority                        *int32              `json:"priority"`
	AllowPrivilegedContainer        bool                `json:"allowPrivilegedContainer"`
	DefaultAddCapabilities          []corev1.Capability `json:"defaultAddCapabilities"`
	RequiredDropCapabilities        []corev1.Capability `json:"requiredDropCapabilities"`
	AllowedCapabilities             []corev1.Capability `json:"allowedCapabilities"`
	AllowHostDirVolumePlugin        bool                `json:"allowHostDirVolumePlugin"`
	Volumes                         []string            `json:"volumes"`
	AllowedFlexVolumes              []any               `json:"allowedFlexVolumes"`
	AllowHostNetwork                bool                `json:"allowHostNetwork"`
	AllowHostPorts                  bool                `json:"allowHostPorts"`
	AllowHostPID                    bool                `json:"allowHostPID"`
	AllowHostIPC                    bool                `json:"allowHostIPC"`
	UserNamespaceLevel              string              `json:"userNamespaceLevel"`
	DefaultAllowPrivilegeEscalation *bool               `json:"defaultAllowPrivilegeEscalation"`
	AllowPrivilegeEscalation        *bool               `json:"allowPrivilegeEscalation"`
	SELinuxContext                  Strategy            `json:"seLinuxContext"`
	RunAsUser                       Strategy            `json:"runAsUser"`
	SupplementalGroups              Strategy            `json:"supplementalGroups"`
	FSGroup                         Strategy            `json:"fsGroup"`
	ReadOnlyRootFilesystem          bool                `json:"readOnlyRootFilesystem"`
	Users                           []string            `json:"users"`
	Groups                          []string            `json:"groups"`
	SeccompProfiles                 []string            `json:"seccompProfiles"`
	AllowedUnsafeSysctls            []string            `json:"allowedUnsafeSysctls"`
	ForbiddenSysctls                []string            `json:"forbiddenSysctls"`
}

// Strategy says what a field of a pod's security context may be. Only its type is known here.
type Strategy struct {
	Type string `json:"type"`
}

// Refuses returns what of a pod's containers and volumes the constraints do not allow, as far as
// the pods of deploy need it.
func (s *SecurityContextConstraints) Refuses(pod corev1.PodSpec) (refused []string) {
	no := func(format string, args ...any) { refused = append(refused, fmt.Sprintf(format, args...)) }
	for _, v := range pod.Volumes {
		switch {
		case v.HostPath != nil && (!s.AllowHostDirVolumePlugin || !slices.Contains(s.Volumes, "hostPath")):
			no("volume %s: a path of the node", v.Name)
		case v.ConfigMap != nil && !slices.Contains(s.Volumes, "configMap"):
			no("volume %s: a ConfigMap", v.Name)
		case v.EmptyDir != nil && !slices.Contains(s.Volumes, "emptyDir"):
			no("volume %s: an empty directory", v.Name)
		}
	}
	// A pod's token is a projected volume, which the API server adds.
	if (pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken) && !slices.Contains(s.Volumes, "projected") {
		no("the service account's token")
	}
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		security := c.SecurityContext
		if security.Privileged != nil && *security.Privileged && !s.AllowPrivilegedContainer {
			no("%s is privileged", c.Name)
		}
		if (security.AllowPrivilegeEscalation == nil || *security.AllowPrivilegeEscalation) && s.AllowPrivilegeEscalation != nil && !*s.AllowPrivilegeEscalation {
			no("%s may gain privileges", c.Name)
		}
		if security.Capabilities != nil {
			for _, add := range security.Capabilities.Add {
				if !slices.Contains(s.AllowedCapabilities, add) {
					no("%s adds the capability %s", c.Name, add)
				}
			}
		}
		if security.RunAsUser != nil && s.RunAsUser.Type != "RunAsAny" {
			no("%s names its user", c.Name)
		}
		if security.SELinuxOptions != nil && s.SELinuxContext.Type != "RunAsAny" {
			no("%s names its SELinux type", c.Name)
		}
		if s.ReadOnlyRootFilesystem && (security.ReadOnlyRootFilesystem == nil || !*security.ReadOnlyRootFilesystem) {
			no("%s writes to its root file system", c.Name)
		}
		if security.SeccompProfile != nil && security.SeccompProfile.Type == corev1.SeccompProfileTypeRuntimeDefault && !slices.Contains(s.SeccompProfiles, "runtime/default") {
			no("%s: the seccomp profile", c.Name)
		}
	}
	return refused
}
