// Human in the loop: the routes are documented, their part is not there.
import { type AppDependencies, createApp } from "shared/app.ts";

export function createHilWebhookApp(dependencies: AppDependencies) {
  const app = createApp("hil-webhook", "Receive people's answers.", dependencies);
  app.notImplemented("get", "/respond/:token", "Show what is asked");
  app.notImplemented("post", "/respond/:token", "Decide");
  app.notImplemented("post", "/slack", "An answer from Slack");
  app.notImplemented("post", "/email/:provider", "An answer by e-mail");
  app.notImplemented("post", "/webhook", "An answer by webhook");
  return app.build();
}
