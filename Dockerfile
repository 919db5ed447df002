# The program in an image: built with the locked dependencies, run by a user of its own.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/dondoc dondoc
COPY --from=build /src/target/release/dondoc /usr/local/bin/dondoc
USER dondoc
WORKDIR /var/lib/dondoc
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/dondoc"]
CMD ["serve"]
