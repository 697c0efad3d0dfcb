package rollcall.interop;

import com.fasterxml.jackson.core.type.TypeReference;
import com.google.common.eventbus.EventBus;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.servicecomb.dashboard.client.DashboardAddressManager;
import org.apache.servicecomb.dashboard.client.DashboardClient;
import org.apache.servicecomb.dashboard.client.model.MonitorData;
import org.apache.servicecomb.http.client.common.HttpConfiguration.SSLProperties;
import org.apache.servicecomb.http.client.common.HttpTransportFactory;
import org.apache.servicecomb.http.client.event.RefreshEndpointEvent;

/** The client that uploads metrics, put together as the frameworks do it from the addresses that a find gave. */
final class Dashboard {
  private Dashboard() {
  }

  static Object upload(Arguments arguments) {
    List<String> addresses = arguments.as("addresses", new TypeReference<>() {});
    EventBus bus = new EventBus();
    DashboardAddressManager manager = new DashboardAddressManager(List.of(), "", "", bus);
    bus.post(new RefreshEndpointEvent(Map.of("sameZone", addresses, "sameRegion", List.of()),
        RefreshEndpointEvent.CSE_MONITORING_NAME));
    DashboardClient client = new DashboardClient(manager,
        HttpTransportFactory.createHttpTransport(new SSLProperties(), request -> Collections.emptyMap()));
    client.sendData(arguments.text("path"), arguments.as("document", MonitorData.class));
    return Map.of();
  }
}
