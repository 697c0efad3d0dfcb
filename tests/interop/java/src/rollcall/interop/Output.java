package rollcall.interop;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/** Standard output: one JSON object on each line. */
final class Output {
  static final ObjectMapper JSON = new ObjectMapper();

  private Output() {}

  static void answer(int id, String step, Object got) {
    print(line("id", id, "step", step, "ok", true, "got", got));
  }

  static void failure(int id, String step, Throwable error) {
    String text = error.getClass().getSimpleName() + ": " + error.getMessage();
    print(line("id", id, "step", step, "ok", false, "error", text));
  }

  /** Something that the client said by itself. */
  static void event(String event, String member, Object got) {
    print(line("event", event, "member", member, "got", got));
  }

  private static Map<String, Object> line(Object... pairs) {
    Map<String, Object> line = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) line.put((String) pairs[i], pairs[i + 1]);
    return line;
  }

  private static synchronized void print(Map<String, Object> line) {
    try {
      System.out.println(JSON.writeValueAsString(line));
    } catch (Exception error) {
      throw new IllegalStateException("an answer cannot be written: " + line, error);
    }
  }
}
