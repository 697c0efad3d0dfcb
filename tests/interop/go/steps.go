package main

import (
	"errors"

	"github.com/go-chassis/cari/discovery"
	"github.com/go-chassis/cari/rbac"
	"github.com/go-chassis/sc-client"
)

// What a step was given. Documents are the client's own types.
type arguments struct {
	ID          int                             `json:"id"`
	Step        string                          `json:"step"`
	Address     string                          `json:"address"`
	Account     string                          `json:"account"`
	Password    string                          `json:"password"`
	ConsumerID  string                          `json:"consumerId"`
	ServiceID   string                          `json:"serviceId"`
	InstanceID  string                          `json:"instanceId"`
	SchemaID    string                          `json:"schemaId"`
	Schema      string                          `json:"schema"`
	AppID       string                          `json:"appId"`
	ServiceName string                          `json:"serviceName"`
	Version     string                          `json:"version"`
	Environment string                          `json:"environment"`
	Status      string                          `json:"status"`
	Service     *discovery.MicroService         `json:"service"`
	Instance    *discovery.MicroServiceInstance `json:"instance"`
	Keys        []*discovery.FindService        `json:"keys"`
	// Without it, a find sends the revision that the client has kept from the one before.
	WithoutRevision bool `json:"withoutRevision"`
}

var client *sc.Client

// Each step is one call of the published client, and what it returns.
var steps = map[string]func(a arguments) (interface{}, error){
	"connect": connect,
	"close":   func(arguments) (interface{}, error) { return nil, client.Close() },

	"sync-endpoints": func(arguments) (interface{}, error) { return nil, client.SyncEndpoints() },
	"engines":        func(arguments) (interface{}, error) { return client.Health() },

	"service-id": func(a arguments) (interface{}, error) {
		return client.GetMicroServiceID(a.AppID, a.ServiceName, a.Version, a.Environment)
	},
	"register-service": func(a arguments) (interface{}, error) { return client.RegisterService(a.Service) },
	"service":          func(a arguments) (interface{}, error) { return client.GetMicroService(a.ServiceID) },
	"services":         func(arguments) (interface{}, error) { return client.GetAllMicroServices() },
	"service-properties": func(a arguments) (interface{}, error) {
		return client.UpdateMicroServiceProperties(a.ServiceID, a.Service)
	},
	"unregister-service": func(a arguments) (interface{}, error) { return client.UnregisterMicroService(a.ServiceID) },
	"providers":          func(a arguments) (interface{}, error) { return client.GetProviders(a.ConsumerID) },
	"applications":       func(arguments) (interface{}, error) { return client.GetAllApplications() },
	"resources":          func(arguments) (interface{}, error) { return client.GetAllResources("instances") },

	"add-schema": func(a arguments) (interface{}, error) {
		return nil, client.AddSchemas(a.ServiceID, a.SchemaID, a.Schema)
	},
	"schema": func(a arguments) (interface{}, error) {
		text, err := client.GetSchema(a.ServiceID, a.SchemaID)
		return string(text), err
	},

	"register-instance": func(a arguments) (interface{}, error) { return client.RegisterMicroServiceInstance(a.Instance) },
	"instances": func(a arguments) (interface{}, error) {
		return client.GetMicroServiceInstances(a.ConsumerID, a.ServiceID)
	},
	"heartbeat": func(a arguments) (interface{}, error) { return client.Heartbeat(a.ServiceID, a.InstanceID) },
	"status": func(a arguments) (interface{}, error) {
		return client.UpdateMicroServiceInstanceStatus(a.ServiceID, a.InstanceID, a.Status)
	},
	"instance-properties": func(a arguments) (interface{}, error) {
		return client.UpdateMicroServiceInstanceProperties(a.ServiceID, a.InstanceID, a.Instance)
	},
	"unregister-instance": func(a arguments) (interface{}, error) {
		return client.UnregisterMicroServiceInstance(a.ServiceID, a.InstanceID)
	},

	"find":       find,
	"batch-find": func(a arguments) (interface{}, error) { return client.BatchFindInstances(a.ConsumerID, a.Keys) },
	"watch":      watch,
	"hold":       hold,
}

// With an account the client asks for a token itself and sends it with every request, except those of WebSockets.
func connect(a arguments) (interface{}, error) {
	options := sc.Options{Endpoints: []string{a.Address}}
	if a.Account != "" {
		options.EnableAuth = true
		options.AuthUser = &rbac.AuthUser{Username: a.Account, Password: a.Password}
	}
	connected, err := sc.NewClient(options)
	client = connected
	return nil, err
}

func find(a arguments) (interface{}, error) {
	var options []sc.CallOption
	if a.WithoutRevision {
		options = append(options, sc.WithoutRevision())
	}
	return client.FindMicroServiceInstances(a.ConsumerID, a.AppID, a.ServiceName, a.Version, options...)
}

func watch(a arguments) (interface{}, error) {
	return nil, client.WatchMicroService(a.ServiceID, func(changed *sc.MicroServiceInstanceChangedEvent) {
		event("changed", changed)
	})
}

// Sends heartbeats through a WebSocket. When the engine says that the instance is gone it is registered again with its
// old id, as go-chassis does.
func hold(a arguments) (interface{}, error) {
	if a.Instance == nil {
		return nil, errors.New("this step needs an instance")
	}
	return nil, client.WSHeartbeat(a.ServiceID, a.InstanceID, func() {
		id, err := client.RegisterMicroServiceInstance(a.Instance)
		if err != nil {
			id = err.Error()
		}
		event("registered-again", id)
	})
}
