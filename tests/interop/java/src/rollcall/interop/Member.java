package rollcall.interop;

import com.fasterxml.jackson.core.type.TypeReference;
import com.google.common.eventbus.EventBus;
import com.google.common.eventbus.Subscribe;
import java.util.List;
import java.util.Map;
import org.apache.servicecomb.service.center.client.DiscoveryEvents.InstanceChangedEvent;
import org.apache.servicecomb.service.center.client.DiscoveryEvents.PullInstanceEvent;
import org.apache.servicecomb.service.center.client.RegistrationEvents;
import org.apache.servicecomb.service.center.client.RegistrationEvents.HeartBeatEvent;
import org.apache.servicecomb.service.center.client.RegistrationEvents.MicroserviceInstanceRegistrationEvent;
import org.apache.servicecomb.service.center.client.RegistrationEvents.MicroserviceRegistrationEvent;
import org.apache.servicecomb.service.center.client.RegistrationEvents.SchemaRegistrationEvent;
import org.apache.servicecomb.service.center.client.ServiceCenterDiscovery;
import org.apache.servicecomb.service.center.client.ServiceCenterDiscovery.SubscriptionKey;
import org.apache.servicecomb.service.center.client.ServiceCenterRegistration;
import org.apache.servicecomb.service.center.client.ServiceCenterWatch;
import org.apache.servicecomb.service.center.client.model.Microservice;
import org.apache.servicecomb.service.center.client.model.MicroserviceInstance;
import org.apache.servicecomb.service.center.client.model.SchemaInfo;
import org.apache.servicecomb.service.center.client.model.ServiceCenterConfiguration;

/** An application as the frameworks run one: registration, discovery and watch in loops of their own, heard on a bus. */
final class Member {
  private final EventBus bus;
  private final Connection connection;
  private final String name;
  private final boolean isWatching;
  private final Microservice service;
  private final MicroserviceInstance instance;
  private final ServiceCenterRegistration registration;
  private final ServiceCenterDiscovery discovery;
  private ServiceCenterWatch watch;

  Member(Connection connection, Arguments arguments) {
    this.connection = connection;
    bus = new EventBus();
    name = arguments.text("member");
    isWatching = arguments.flag("watch");
    service = arguments.as("service", Microservice.class);
    instance = arguments.as("instance", MicroserviceInstance.class);
    registration = new ServiceCenterRegistration(connection.client, new ServiceCenterConfiguration(), bus)
        .setMicroservice(service)
        .setMicroserviceInstance(instance)
        .setSchemaInfos(arguments.as("schemas", new TypeReference<List<SchemaInfo>>() {}))
        .setHeartBeatInterval(arguments.number("heartbeatMs"))
        .setHeartBeatRequestTimeout(arguments.number("heartbeatMs"));
    discovery = new ServiceCenterDiscovery(connection.client, bus).setPollInterval(arguments.number("pollMs"));
    bus.register(this);
  }

  void start() {
    registration.startRegistration();
  }

  void stop() {
    registration.stop();
    discovery.stop();
    if (watch != null) watch.stop();
  }

  void subscribe(String appId, String serviceName) {
    discovery.registerIfNotPresent(new SubscriptionKey(appId, serviceName));
  }

  List<MicroserviceInstance> known(String appId, String serviceName) {
    return discovery.getInstanceCache(new SubscriptionKey(appId, serviceName));
  }

  @Subscribe
  public void onMicroservice(MicroserviceRegistrationEvent event) {
    report("microservice", event);
  }

  @Subscribe
  public void onSchemas(SchemaRegistrationEvent event) {
    report("schemas", event);
  }

  @Subscribe
  public void onInstance(MicroserviceInstanceRegistrationEvent event) {
    if (event.isSuccess()) {
      discovery.updateMyselfServiceId(service.getServiceId());
      discovery.startDiscovery();
      if (isWatching && watch == null) startWatch();
    }
    report("instance", event);
  }

  @Subscribe
  public void onHeartbeat(HeartBeatEvent event) {
    report("heartbeat", event);
  }

  @Subscribe
  public void onPush(PullInstanceEvent event) {
    Output.event("push", name, Map.of("appId", event.getAppId(), "serviceName", event.getServiceName()));
  }

  @Subscribe
  public void onInstances(InstanceChangedEvent event) {
    Output.event("instances", name, event);
  }

  /** The client never opens a watch again that the engine has closed; an application can start another. */
  void startWatch() {
    if (watch != null) watch.stop();
    watch = connection.newWatch(bus, name);
    watch.startWatch(Connection.PROJECT, service.getServiceId());
  }

  private void report(String event, RegistrationEvents got) {
    boolean isRegistered = service.getServiceId() != null && instance.getInstanceId() != null;
    Output.event(event, name, isRegistered
        ? Map.of("success", got.isSuccess(), "serviceId", service.getServiceId(), "instanceId", instance.getInstanceId())
        : Map.of("success", got.isSuccess()));
  }
}
