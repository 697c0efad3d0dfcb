package rollcall.interop;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Reads one step from each line of standard input, lets the client do it, and prints what came of it. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) throws Exception {
    Steps steps = new Steps();
    ExecutorService pool = Executors.newCachedThreadPool();
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      JsonNode request = Output.JSON.readTree(line);
      pool.execute(() -> run(steps, request));
    }
    // The client's own threads would keep the process alive.
    System.exit(0);
  }

  private static void run(Steps steps, JsonNode request) {
    int id = request.path("id").asInt();
    String step = request.path("step").asText();
    try {
      Output.answer(id, step, steps.run(step, new Arguments(request)));
    } catch (Throwable error) {
      Output.failure(id, step, error);
    }
  }
}
