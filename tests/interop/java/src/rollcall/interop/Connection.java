package rollcall.interop;

import com.google.common.eventbus.EventBus;
import com.google.common.eventbus.Subscribe;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.servicecomb.foundation.ssl.SSLCustom;
import org.apache.servicecomb.foundation.ssl.SSLOption;
import org.apache.servicecomb.http.client.auth.RequestAuthHeaderProvider;
import org.apache.servicecomb.http.client.common.HttpConfiguration.SSLProperties;
import org.apache.servicecomb.http.client.event.OperationEvents.UnAuthorizedOperationEvent;
import org.apache.servicecomb.service.center.client.ServiceCenterAddressManager;
import org.apache.servicecomb.service.center.client.ServiceCenterClient;
import org.apache.servicecomb.service.center.client.ServiceCenterWatch;
import org.apache.servicecomb.service.center.client.model.RbacTokenRequest;
import org.apache.servicecomb.service.center.client.model.RbacTokenResponse;
import org.java_websocket.handshake.ServerHandshake;

/** One client of one engine, put together as the frameworks do it. With an account it asks for a token. */
final class Connection {
  static final String PROJECT = "default";
  private static final String TENANT = "default";

  final EventBus bus = new EventBus();
  final ServiceCenterClient client;
  private final ServiceCenterAddressManager addresses;
  private final SSLProperties ssl = new SSLProperties();
  private final RequestAuthHeaderProvider auth = request -> authHeaders();
  private final String account;
  private final String password;
  private volatile String token;

  Connection(String url, String account, String password) {
    this.account = account;
    this.password = password;
    // As the frameworks do when they are told nothing of TLS: any certificate is taken, over TLS 1.2.
    ssl.setEnabled(url.startsWith("https:"));
    ssl.setSslOption(SSLOption.DEFAULT_OPTION);
    ssl.setSslCustom(SSLCustom.defaultSSLCustom());
    addresses = new ServiceCenterAddressManager(PROJECT, List.of(url), "", "", bus);
    client = new ServiceCenterClient(addresses, ssl, auth, TENANT, Collections.emptyMap(), null).setEventBus(bus);
    if (account != null) {
      bus.register(this);
      renewToken();
    }
  }

  /** A watch that says on the standard output, too, when it is open and when it was closed. */
  ServiceCenterWatch newWatch(EventBus listeners, String member) {
    return new ServiceCenterWatch(addresses, ssl, auth, TENANT, Collections.emptyMap(), listeners) {
      @Override
      public void onOpen(ServerHandshake handshake) {
        super.onOpen(handshake);
        Output.event("watching", member, (int) handshake.getHttpStatus());
      }

      @Override
      public void onClose(int code, String reason, boolean isRemote) {
        super.onClose(code, reason, isRemote);
        Output.event("watch-closed", member, code);
      }
    };
  }

  @Subscribe
  public void onUnauthorized(UnAuthorizedOperationEvent event) {
    renewToken();
  }

  /** Status 404 means that the engine has no access control; the client goes on without a token then. */
  RbacTokenResponse renewToken() {
    RbacTokenRequest request = new RbacTokenRequest();
    request.setName(account);
    request.setPassword(password);
    RbacTokenResponse response = client.queryToken(request, "");
    token = response.getToken();
    return response;
  }

  private Map<String, String> authHeaders() {
    return token == null ? Collections.emptyMap() : Map.of("Authorization", "Bearer " + token);
  }
}
