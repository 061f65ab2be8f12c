package com.example;

import io.grpc.BindableService;
import io.grpc.protobuf.services.ChannelzService;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/** A gRPC server on port 9090. */
@SpringBootApplication
public class Application {

  public static void main(String[] arguments) {
    SpringApplication.run(Application.class, arguments);
  }

  /** Stands for the application's own services: there is no server without one. */
  @Bean
  BindableService service() {
    return ChannelzService.newInstance(100);
  }
}
