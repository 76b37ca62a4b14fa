package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/cosi-project/runtime/pkg/controller"
	"github.com/cosi-project/runtime/pkg/controller/runtime"
	"github.com/cosi-project/runtime/pkg/resource"
	"github.com/cosi-project/runtime/pkg/resource/meta"
	"github.com/cosi-project/runtime/pkg/safe"
	"github.com/cosi-project/runtime/pkg/state"
	"github.com/cosi-project/runtime/pkg/state/impl/inmem"
	"github.com/cosi-project/runtime/pkg/state/impl/namespaced"
	k8sadapter "github.com/siderolabs/talos/internal/app/machined/pkg/adapters/k8s"
	etcdctrl "github.com/siderolabs/talos/internal/app/machined/pkg/controllers/etcd"
	k8sctrl "github.com/siderolabs/talos/internal/app/machined/pkg/controllers/k8s"
	secretsctrl "github.com/siderolabs/talos/internal/app/machined/pkg/controllers/secrets"
	machined "github.com/siderolabs/talos/internal/app/machined/pkg/runtime"
	"github.com/siderolabs/talos/internal/app/machined/pkg/system/services"
	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/resources/etcd"
	"github.com/siderolabs/talos/pkg/machinery/resources/k8s"
	"github.com/siderolabs/talos/pkg/machinery/resources/secrets"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"sigs.k8s.io/yaml"
)

// controllers are those between the machine config and kubelet, and the static pods
// of a control plane. On a worker, those of the control plane make nothing.
func controllers() []controller.Controller {
	return append(versionControllers(),
		etcdctrl.NewConfigController(),
		&etcdctrl.PKIController{},
		&etcdctrl.SpecController{},
		k8sctrl.NewControlPlaneAPIServerController(),
		k8sctrl.NewControlPlaneAdmissionControlController(),
		k8sctrl.NewControlPlaneAuditPolicyController(),
		k8sctrl.NewControlPlaneAuthorizationController(),
		k8sctrl.NewControlPlaneControllerManagerController(),
		k8sctrl.NewControlPlaneSchedulerController(),
		&k8sctrl.ControlPlaneStaticPodController{},
		k8sctrl.NewKubeletConfigController(),
		&k8sctrl.KubeletSpecController{V1Alpha1Mode: machined.ModeMetal},
		&k8sctrl.RenderConfigsStaticPodController{},
		&k8sctrl.RenderSecretsStaticPodController{},
		&secretsctrl.EtcdController{},
		&secretsctrl.KubernetesCertSANsController{},
		&secretsctrl.KubernetesController{},
		&secretsctrl.KubernetesDynamicCertsController{},
		secretsctrl.NewKubeletController(),
		secretsctrl.NewRootEtcdController(),
		secretsctrl.NewRootKubernetesController(),
	)
}

// boot runs the controllers and writes what they made.
func boot(ctx context.Context, on machine, loaded config.Provider) error {
	resources := state.WrapCore(namespaced.NewState(inmem.Build))
	heard := new(complaints)

	running, err := runtime.NewRuntime(resources, heard.logger())
	if err != nil {
		return err
	}

	for _, one := range controllers() {
		if err = running.RegisterController(one); err != nil {
			return err
		}
	}

	if err = on.describe(ctx, resources, loaded); err != nil {
		return err
	}

	alive, stop := context.WithCancel(ctx)

	var ended sync.WaitGroup

	ended.Go(func() { running.Run(alive) }) //nolint:errcheck

	defer ended.Wait()
	defer stop()

	if err = write(ctx, resources, loaded.Machine().Type().IsControlPlane()); err != nil {
		return errors.Join(err, heard.err())
	}

	return nil
}

// write waits for what the controllers make, and writes what they do not write
// themselves.
func write(ctx context.Context, resources state.State, isControlPlane bool) error {
	arguments, err := writeKubelet(ctx, resources)
	if err != nil {
		return err
	}

	if isControlPlane {
		more, err := writeControlPlane(ctx, resources)
		if err != nil {
			return err
		}

		maps.Copy(arguments, more)
	}

	flags, err := json.MarshalIndent(arguments, "", "  ")
	if err != nil {
		return err
	}

	return writeFile("flags.json", append(flags, '\n'))
}

// writeKubelet writes the configuration of kubelet and what it knows of the
// cluster, and gives its flags.
func writeKubelet(ctx context.Context, resources state.State) (map[string][]string, error) {
	spec, err := await[*k8s.KubeletSpec](ctx, resources, k8s.NamespaceName, k8s.KubeletSpecType, k8s.KubeletID)
	if err != nil {
		return nil, err
	}

	known, err := await[*secrets.Kubelet](ctx, resources, secrets.NamespaceName, secrets.KubeletType, secrets.KubeletID)
	if err != nil {
		return nil, err
	}

	text, err := yaml.Marshal(spec.TypedSpec().Config)
	if err != nil {
		return nil, err
	}

	var authorities []byte
	for _, one := range known.TypedSpec().AcceptedCAs {
		authorities = append(authorities, one.Crt...)
	}

	token := known.TypedSpec().BootstrapTokenID + "." + known.TypedSpec().BootstrapTokenSecret

	return map[string][]string{"kubelet": spec.TypedSpec().Args}, errors.Join(
		writeFile("kubelet.yaml", text),
		writeFile("kubelet-ca.crt", authorities),
		writeFile("bootstrap-token", []byte(token)),
	)
}

// writeControlPlane writes the static pods and the kubeconfig of the administrator,
// and gives the flags of the servers.
func writeControlPlane(ctx context.Context, resources state.State) (map[string][]string, error) {
	arguments := map[string][]string{}

	for _, name := range []resource.ID{k8s.APIServerID, k8s.ControllerManagerID, k8s.SchedulerID} {
		made, err := await[*k8s.StaticPod](ctx, resources, k8s.NamespaceName, k8s.StaticPodType, name)
		if err != nil {
			return nil, err
		}

		pod, err := k8sadapter.StaticPod(made).Pod()
		if err != nil {
			return nil, err
		}

		text, err := yaml.Marshal(pod)
		if err != nil {
			return nil, err
		}

		if err = writeFile(filepath.Join("pods", name+".yaml"), text); err != nil {
			return nil, err
		}

		arguments[name] = pod.Spec.Containers[0].Command[1:]
	}

	spec, err := await[*etcd.Spec](ctx, resources, etcd.NamespaceName, etcd.SpecType, etcd.SpecID)
	if err != nil {
		return nil, err
	}

	if _, err = await[*etcd.PKIStatus](ctx, resources, etcd.NamespaceName, etcd.PKIStatusType, etcd.PKIID); err != nil {
		return nil, err
	}

	if arguments["etcd"], err = services.EtcdArguments(ctx, spec.TypedSpec()); err != nil {
		return nil, fmt.Errorf("etcd: %w", err)
	}

	own, err := await[*secrets.Kubernetes](ctx, resources, secrets.NamespaceName, secrets.KubernetesType, secrets.KubernetesID)
	if err != nil {
		return nil, err
	}

	return arguments, writeFile("admin.kubeconfig", []byte(own.TypedSpec().LocalhostAdminKubeconfig))
}

// await gives a resource as soon as a controller has made it.
func await[T meta.ResourceWithRD](ctx context.Context, resources state.State, namespace, kind, id string) (T, error) {
	events := make(chan state.Event)

	var none T

	if err := resources.Watch(ctx, resource.NewMetadata(namespace, kind, id, resource.VersionUndefined), events); err != nil {
		return none, err
	}

	for {
		select {
		case <-ctx.Done():
			return none, fmt.Errorf("a node would wait for ever for %s %s", kind, id)
		case event := <-events:
			if event.Type == state.Created || event.Type == state.Updated {
				return safe.StateGetByID[T](ctx, resources, id)
			}
		}
	}
}

// complaints keeps what controllers complain of, each once: a controller that
// fails is run again and again.
type complaints struct {
	mutex sync.Mutex
	all   []string
}

func (c *complaints) logger() *zap.Logger {
	encoder := zapcore.NewJSONEncoder(zapcore.EncoderConfig{})

	return zap.New(zapcore.NewCore(encoder, zapcore.AddSync(c), zapcore.ErrorLevel))
}

// Write takes one entry of the log.
func (c *complaints) Write(entry []byte) (int, error) {
	var said struct {
		Controller string `json:"controller"`
		Error      string `json:"error"`
	}

	if err := json.Unmarshal(entry, &said); err != nil {
		return 0, err
	}

	first, _, _ := strings.Cut(said.Error, "\n")
	text := said.Controller + ": " + first

	c.mutex.Lock()
	defer c.mutex.Unlock()

	if !slices.Contains(c.all, text) {
		c.all = append(c.all, text)
	}

	return len(entry), nil
}

func (c *complaints) err() error {
	c.mutex.Lock()
	defer c.mutex.Unlock()

	if len(c.all) == 0 {
		return nil
	}

	return errors.New(strings.Join(c.all, "\n"))
}

// writeFile writes a file that may hold a key, and the folder it is in.
func writeFile(path string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}

	return os.WriteFile(path, text, 0o600)
}
