// Package conformance drives Kubernetes' own Go clients against a cluster in which kpod runs: what they discover, decode, follow and
// scale on. Expected values come from the core API (which pods there are, on which nodes, with which limits) and from how the core
// API itself answers the same question. KUBECONFIG names the cluster, in which the node has the image localhost/busybox:1.
package conformance

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/utils/ptr"
)

const (
	group     = "kernelmetrics.kpod.io"
	namespace = "kpod-conformance"
	// app labels the pods that stay during all tests; there are so many of them, each with this memory limit.
	app      = "steady"
	replicas = 4
	limit    = 24 << 20
	// soon is within which a pod that starts is measured (a push and a poll of files), or what goes is gone.
	soon = 45 * time.Second
)

var (
	version   = schema.GroupVersion{Group: group, Version: "v1beta1"}
	pods      = version.WithResource("pods")
	workloads = version.WithResource("workloads")
	nodes     = version.WithResource("nodes")

	config *rest.Config
	core   kubernetes.Interface
	client dynamic.Interface
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	var err error
	if config, err = clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG")); err != nil {
		return 1, fmt.Errorf("no cluster in KUBECONFIG=%q: %w", os.Getenv("KUBECONFIG"), err)
	}
	config.QPS = -1
	if core, err = kubernetes.NewForConfig(config); err != nil {
		return 1, err
	}
	if client, err = dynamic.NewForConfig(config); err != nil {
		return 1, err
	}
	ctx := context.Background()
	code := 1
	if err = install(ctx); err == nil {
		code = m.Run()
	}
	return code, errors.Join(err, uninstall(ctx))
}

// uninstall waits until the namespace is gone: its deletion asks every API group for what is in it, kpod's too.
func uninstall(ctx context.Context) error {
	err := core.CoreV1().Namespaces().Delete(ctx, namespace, metav1.DeleteOptions{})
	for deadline := time.Now().Add(time.Minute); err == nil && time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		_, err = core.CoreV1().Namespaces().Get(ctx, namespace, metav1.GetOptions{})
	}
	if err == nil {
		return fmt.Errorf("namespace %s is still there a minute after its deletion", namespace)
	}
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// install makes the pods that stay, and waits until kpod has measured each of them.
func install(ctx context.Context) error {
	if _, err := core.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, metav1.CreateOptions{}); err != nil {
		return err
	}
	account := metav1.ObjectMeta{Name: "nobody"}
	if _, err := core.CoreV1().ServiceAccounts(namespace).Create(ctx, &corev1.ServiceAccount{ObjectMeta: account}, metav1.CreateOptions{}); err != nil {
		return err
	}
	of := map[string]string{"app": app}
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: app},
		Spec:       corev1.ServiceSpec{Selector: of, Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(80)}}},
	}
	if _, err := core.CoreV1().Services(namespace).Create(ctx, service, metav1.CreateOptions{}); err != nil {
		return err
	}
	deployment := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: app},
		Spec: appsv1.DeploymentSpec{
			Replicas: ptr.To[int32](replicas),
			Selector: &metav1.LabelSelector{MatchLabels: of},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: of}, Spec: spec()},
		},
	}
	if _, err := core.AppsV1().Deployments(namespace).Create(ctx, deployment, metav1.CreateOptions{}); err != nil {
		return err
	}
	last := "nothing"
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		list, err := client.Resource(pods).Namespace(namespace).List(ctx, metav1.ListOptions{LabelSelector: "app=" + app})
		if err == nil {
			measured := slices.DeleteFunc(list.Items, func(pod unstructured.Unstructured) bool { return memoryLimit(pod) != limit })
			if len(measured) == replicas {
				return nil
			}
			last = fmt.Sprintf("%d of %d pods with their memory limit", len(measured), replicas)
		} else {
			last = err.Error()
		}
		time.Sleep(200 * time.Millisecond)
	}
	return fmt.Errorf("the pods of Deployment %s/%s are not measured after two minutes; last: %s", namespace, app, last)
}

// spec is of a pod with one container that wakes 20 times a second.
func spec() corev1.PodSpec {
	return corev1.PodSpec{
		TerminationGracePeriodSeconds: ptr.To[int64](0),
		Containers: []corev1.Container{{
			Name:    "wakes",
			Image:   "localhost/busybox:1",
			Command: []string{"/bin/sh", "-c", "while :; do usleep 50000; done"},
			Resources: corev1.ResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("10m")},
				Limits:   corev1.ResourceList{corev1.ResourceMemory: *resource.NewQuantity(limit, resource.BinarySI)},
			},
		}},
	}
}

// start makes a pod of that name that is gone when the test is.
func start(t *testing.T, name string, of map[string]string) *corev1.Pod {
	t.Helper()
	pod, err := core.CoreV1().Pods(namespace).Create(t.Context(), &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: of}, Spec: spec()}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := core.CoreV1().Pods(namespace).Delete(context.Background(), name, metav1.DeleteOptions{})
		if err != nil && !apierrors.IsNotFound(err) {
			t.Error(err)
		}
	})
	return pod
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := core.CoreV1().Pods(namespace).Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

// memoryLimit is what kpod says of the pod's only container; 0 if it says nothing.
func memoryLimit(pod unstructured.Unstructured) int64 {
	containers, _, _ := unstructured.NestedSlice(pod.Object, "containers")
	if len(containers) != 1 {
		return 0
	}
	text, _, _ := unstructured.NestedString(containers[0].(map[string]any), "memory", "limit")
	quantity, err := resource.ParseQuantity(text)
	if err != nil {
		return 0
	}
	return quantity.Value()
}

// truth is what the core API says of the pods that stay.
func truth(t *testing.T) map[types.UID]corev1.Pod {
	t.Helper()
	list, err := core.CoreV1().Pods(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "app=" + app})
	if err != nil {
		t.Fatal(err)
	}
	known := map[types.UID]corev1.Pod{}
	for _, pod := range list.Items {
		known[pod.UID] = pod
	}
	if len(known) != replicas {
		t.Fatalf("the core API has %d pods of app=%s, expected %d", len(known), app, replicas)
	}
	return known
}

func namesOf(known map[types.UID]corev1.Pod) []string {
	var names []string
	for _, pod := range known {
		names = append(names, pod.Name)
	}
	slices.Sort(names)
	return names
}

func steady() labels.Selector { return labels.SelectorFromSet(labels.Set{"app": app}) }

// as is the configuration of another user.
func as(user string, groups ...string) *rest.Config {
	other := rest.CopyConfig(config)
	other.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
	return other
}

// nobody is a ServiceAccount without rights.
func nobody() *rest.Config {
	return as("system:serviceaccount:"+namespace+":nobody", "system:serviceaccounts", "system:serviceaccounts:"+namespace, "system:authenticated")
}

// eventually repeats the question until it has no complaint; fails with the last one after the time.
func eventually(t *testing.T, within time.Duration, complaint func() string) {
	t.Helper()
	deadline := time.Now().Add(within)
	for {
		last := complaint()
		if last == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("still after %s: %s", within, last)
		}
		time.Sleep(100 * time.Millisecond)
	}
}
