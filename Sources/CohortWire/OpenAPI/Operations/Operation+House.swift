// What is asked by machines that watch over others.

extension Operation {
  static let health = Operation(
    "Ask whether writes are taken", "Needs no key.",
    answers: [.json(200, "They are.", .object(["message": .string]))])

  static let metrics = Operation(
    "Read the metrics",
    answers: [
      Answer(
        status: 200, detail: "In the text format of Prometheus.",
        contents: [Content(type: "text/plain", schema: .string)])
    ])

  static let openAPI = Operation(
    "Read this description",
    answers: [
      .json(
        200, "OpenAPI 3.1.",
        .object([
          "openapi": .string, "info": .object(), "servers": .array(of: .object()),
          "tags": .array(of: .object()), "paths": .object(), "components": .object(),
        ]))
    ])
}
