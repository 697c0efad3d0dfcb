package rollcall.interop;

import com.fasterxml.jackson.core.type.TypeReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.apache.servicecomb.service.center.client.ServiceCenterClient;
import org.apache.servicecomb.service.center.client.model.CreateSchemaRequest;
import org.apache.servicecomb.service.center.client.model.Framework;
import org.apache.servicecomb.service.center.client.model.HeartbeatsRequest;
import org.apache.servicecomb.service.center.client.model.InstancesRequest;
import org.apache.servicecomb.service.center.client.model.Microservice;
import org.apache.servicecomb.service.center.client.model.MicroserviceInstance;
import org.apache.servicecomb.service.center.client.model.MicroserviceInstanceStatus;
import org.apache.servicecomb.service.center.client.model.ModifySchemasRequest;
import org.apache.servicecomb.service.center.client.model.SchemaInfo;

/** All steps by name: each is one call of the published client, and what it returns. */
final class Steps {
  private static final Object DONE = Map.of();

  private final Map<String, Function<Arguments, Object>> steps = new HashMap<>();
  private final Map<String, Member> members = new ConcurrentHashMap<>();
  private volatile Connection connection;

  Steps() {
    steps.put("connect", this::connect);
    addServices();
    addContracts();
    addInstances();
    addMembers();
    steps.put("upload-metrics", Dashboard::upload);
  }

  Object run(String name, Arguments arguments) {
    Function<Arguments, Object> step = steps.get(name);
    if (step == null) throw new IllegalArgumentException("no step is called " + name);
    return step.apply(arguments);
  }

  private Object connect(Arguments arguments) {
    connection = new Connection(
        arguments.text("url"), arguments.optionalText("account"), arguments.optionalText("password"));
    return DONE;
  }

  private ServiceCenterClient client() {
    return connection.client;
  }

  private void addServices() {
    steps.put("token", a -> connection.renewToken());
    steps.put("engines", a -> client().getServiceCenterInstances());
    steps.put("services", a -> client().getMicroserviceList());
    steps.put("service", a -> client().getMicroserviceByServiceId(a.text("serviceId")));
    steps.put("service-id", a -> client().queryServiceId(a.as("service", Microservice.class)));
    steps.put("register-service", a -> client().registerMicroservice(a.as("service", Microservice.class)));
    steps.put("service-properties", a -> client().updateMicroserviceProperties(
        a.text("serviceId"), a.as("properties", new TypeReference<>() {}), a.as("framework", Framework.class)));
  }

  private void addContracts() {
    steps.put("register-schema", a -> client().registerSchema(
        a.text("serviceId"), a.text("schemaId"), a.as("request", CreateSchemaRequest.class)));
    steps.put("register-schemas", a -> {
      ModifySchemasRequest request = new ModifySchemasRequest();
      request.setSchemas(a.as("schemas", new TypeReference<List<SchemaInfo>>() {}));
      return client().batchUpdateServiceSchemaContext(a.text("serviceId"), request);
    });
    steps.put("schemas", a -> client().getServiceSchemasList(a.text("serviceId"), a.flag("withText")));
    steps.put("schema", a -> client().getServiceSchemaContext(a.text("serviceId"), a.text("schemaId")));
  }

  private void addInstances() {
    steps.put("register-instance", a -> client().registerMicroserviceInstance(
        a.as("instance", MicroserviceInstance.class)));
    steps.put("instances", a -> client().getMicroserviceInstanceList(a.text("serviceId")));
    steps.put("instance", a -> client().getMicroserviceInstance(a.text("serviceId"), a.text("instanceId")));
    steps.put("find", a -> client().findMicroserviceInstance(
        a.text("consumerId"), a.text("appId"), a.text("serviceName"), a.text("version"), a.optionalText("revision")));
    steps.put("heartbeat", a -> client().sendHeartBeat(a.text("serviceId"), a.text("instanceId")));
    steps.put("heartbeats", a -> {
      HeartbeatsRequest request = new HeartbeatsRequest(a.text("serviceId"), a.text("instanceId"));
      request.addInstances(new InstancesRequest(a.text("serviceId"), a.text("otherInstanceId")));
      client().sendHeartBeats(request);
      return DONE;
    });
    steps.put("status", a -> client().updateMicroserviceInstanceStatus(
        a.text("serviceId"), a.text("instanceId"), MicroserviceInstanceStatus.valueOf(a.text("status"))));
    steps.put("unregister-instance", a -> {
      client().deleteMicroserviceInstance(a.text("serviceId"), a.text("instanceId"));
      return DONE;
    });
  }

  private void addMembers() {
    steps.put("join", a -> {
      Member member = new Member(connection, a);
      members.put(a.text("member"), member);
      member.start();
      return DONE;
    });
    steps.put("subscribe", a -> {
      member(a).subscribe(a.text("appId"), a.text("serviceName"));
      return DONE;
    });
    steps.put("known", a -> member(a).known(a.text("appId"), a.text("serviceName")));
    steps.put("watch", a -> {
      member(a).startWatch();
      return DONE;
    });
    steps.put("stop", a -> {
      member(a).stop();
      return DONE;
    });
  }

  private Member member(Arguments arguments) {
    Member member = members.get(arguments.text("member"));
    if (member == null) throw new IllegalArgumentException("no member is called " + arguments.text("member"));
    return member;
  }
}
