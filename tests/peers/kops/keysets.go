package main

import (
	"context"

	"k8s.io/kops/pkg/apis/kops"
	"k8s.io/kops/pkg/model"
	"k8s.io/kops/pkg/model/components/etcdmanager"
	"k8s.io/kops/pkg/model/iam"
	"k8s.io/kops/upup/pkg/fi"
	"k8s.io/kops/upup/pkg/fi/fitasks"
)

// makeKeysets runs the tasks of kops's models that make keysets, as "kops update cluster" does.
func makeKeysets(ctx context.Context, cluster *kops.Cluster, store fi.CAStore) error {
	tasks, err := keysetTasks(cluster)
	if err != nil {
		return err
	}
	run, err := fi.NewCloudupContext(ctx, target{}, cluster, nil, store, nil, nil, tasks)
	if err != nil {
		return err
	}
	var options fi.RunTasksOptions
	options.InitDefaults()
	return run.RunTasks(options)
}

// keysetTasks are the tasks for keysets of the two models that have any.
func keysetTasks(cluster *kops.Cluster) (map[string]fi.CloudupTask, error) {
	of := &model.KopsModelContext{IAMModelContext: iam.IAMModelContext{Cluster: cluster}}
	models := []fi.CloudupModelBuilder{
		&model.PKIModelBuilder{KopsModelContext: of, Lifecycle: fi.LifecycleSync},
		&etcdmanager.EtcdManagerBuilder{KopsModelContext: of, Lifecycle: fi.LifecycleSync},
	}
	all := &fi.CloudupModelBuilderContext{Tasks: map[string]fi.CloudupTask{}}
	for _, model := range models {
		if err := model.Build(all); err != nil {
			return nil, err
		}
	}
	tasks := map[string]fi.CloudupTask{}
	for name, task := range all.Tasks {
		if keyset, ok := task.(*fitasks.Keypair); ok {
			tasks[name] = keyset
		}
	}
	return tasks, nil
}

// target is where tasks go that have no cloud.
type target struct{}

func (target) Finish(map[string]fi.CloudupTask) error { return nil }
func (target) ProcessDeletions() bool                 { return false }
func (target) DefaultCheckExisting() bool             { return true }
