//go:build !talos1.13

package main

import (
	"github.com/cosi-project/runtime/pkg/controller"
	"github.com/siderolabs/talos/internal/app/machined/pkg/controllers/k8s"
)

// versionControllers are those that only this version of Talos has.
func versionControllers() []controller.Controller {
	return []controller.Controller{
		k8s.NewControlPlaneAPIServerFinalController(),
		k8s.NewControlPlaneAuthenticationController(),
		k8s.NewControlPlaneControllerManagerFinalController(),
		k8s.NewControlPlaneSchedulerFinalController(),
		&k8s.EtcdEncryptionConfigController{},
	}
}
