// A correct POST /code on the JDK's own HTTP server and ImageIO, kept small: it must pass every check.
// java CodeServer.java PORT (0 takes a free one); ends on SIGTERM, and when its standard input is closed.

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import javax.imageio.ImageIO;

public class CodeServer {
    private static final SecureRandom RANDOM = new SecureRandom();

    // 5 columns by 7 rows, a row to a number: fonts of the machine are not to be relied on.
    private static final Map<Character, int[]> FONT = Map.ofEntries(
        Map.entry('0', new int[] {14, 17, 19, 21, 25, 17, 14}), Map.entry('1', new int[] {4, 12, 4, 4, 4, 4, 14}),
        Map.entry('2', new int[] {14, 17, 1, 6, 8, 16, 31}), Map.entry('3', new int[] {30, 1, 1, 14, 1, 1, 30}),
        Map.entry('4', new int[] {2, 6, 10, 18, 31, 2, 2}), Map.entry('5', new int[] {31, 16, 30, 1, 1, 17, 14}),
        Map.entry('6', new int[] {6, 8, 16, 30, 17, 17, 14}), Map.entry('7', new int[] {31, 1, 2, 4, 8, 8, 8}),
        Map.entry('8', new int[] {14, 17, 17, 14, 17, 17, 14}), Map.entry('9', new int[] {14, 17, 17, 15, 1, 2, 12}),
        Map.entry('-', new int[] {0, 0, 0, 31, 0, 0, 0}), Map.entry('=', new int[] {0, 0, 31, 0, 31, 0, 0}),
        Map.entry('?', new int[] {14, 17, 1, 2, 4, 0, 4}));

    public static void main(String[] arguments) throws IOException {
        System.setProperty("java.awt.headless", "true");
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])), 0);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.createContext("/", CodeServer::answer);
        server.start();
        System.out.println("listening on http://127.0.0.1:" + server.getAddress().getPort());
        while (System.in.read() >= 0) { }
        System.exit(0);
    }

    private static void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        boolean asked = exchange.getRequestURI().getPath().equals("/code") && exchange.getRequestMethod().equals("POST");
        String type = asked ? "application/json;charset=UTF-8" : "text/html;charset=UTF-8";
        byte[] body = (asked ? captcha() : "<h1>Not Found</h1>").getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(asked ? 200 : 404, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static String captcha() throws IOException {
        int left = RANDOM.nextInt(10);
        String img = Base64.getEncoder().encodeToString(picture(left + "-" + RANDOM.nextInt(left + 1) + "=?"));
        String uuid = UUID.randomUUID().toString().replace("-", "");
        return "{\"msg\":\"\",\"data\":{\"img\":\"data:image\\/png;base64," + img + "\",\"uuid\":\"" + uuid
            + "\"},\"code\":200,\"succFlag\":true}";
    }

    private static byte[] picture(String question) throws IOException {
        BufferedImage image = new BufferedImage(160, 60, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, 160, 60);
        for (int i = 0; i < 40; i++) {
            graphics.setColor(new Color(RANDOM.nextInt(0x1000000)));
            graphics.drawRect(RANDOM.nextInt(160), RANDOM.nextInt(60), 1, 1);
        }
        for (int place = 0; place < question.length(); place++) {
            graphics.setColor(new Color(RANDOM.nextInt(128), RANDOM.nextInt(128), RANDOM.nextInt(128)));
            int x = place * 31 + 3 + RANDOM.nextInt(4);
            int y = 8 + RANDOM.nextInt(10);
            int[] rows = FONT.get(question.charAt(place));
            for (int cell = 0; cell < 35; cell++) {
                if ((rows[cell / 5] >> (4 - cell % 5) & 1) == 1) {
                    graphics.fillRect(x + cell % 5 * 5, y + cell / 5 * 5, 5, 5);
                }
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return out.toByteArray();
    }
}
