package main

import "maps"

// encryptionConfiguration is the file of --encryption-provider-config. This file
// follows internal/app/machined/pkg/controllers/k8s/internal/k8stemplates of Talos.
func (e encryption) encryptionConfiguration() map[string]any {
	// The older kind, under which Talos has always written it.
	file := map[string]any{"kind": "EncryptionConfig", "apiVersion": "v1"}

	if e.configuration != nil {
		// A document is taken as it is; nothing is added.
		whole := maps.Clone(e.configuration)
		maps.Copy(whole, file)

		return whole
	}

	// Fields hold a secret alone. Key names, resources and order are Talos's.
	var providers []any

	if e.secretboxSecret != "" {
		providers = append(providers, provider("secretbox", "key2", e.secretboxSecret))
	}

	if e.aescbcSecret != "" {
		providers = append(providers, provider("aescbc", "key1", e.aescbcSecret))
	}

	providers = append(providers, map[string]any{"identity": map[string]any{}})

	file["resources"] = []any{map[string]any{
		"resources": []any{"secrets"},
		"providers": providers,
	}}

	return file
}

func provider(kind, name, secret string) map[string]any {
	key := map[string]any{"name": name, "secret": secret}

	return map[string]any{kind: map[string]any{"keys": []any{key}}}
}
