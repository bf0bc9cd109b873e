// The pages for people.

extension Operation {
  static let console = Operation(
    "Open the console", "Needs no key: nothing of the ledger stands in the page itself.",
    fields: [.ifNoneMatch], answers: files)

  static let consoleFile = Operation(
    "Fetch a file of the console", fields: [.ifNoneMatch], answers: files)

  private static let files = [
    Answer(
      status: 200, detail: "Text in UTF-8, as it was built into the server.",
      contents: ["text/html", "text/css", "text/javascript", "image/svg+xml"].map {
        Content(type: $0, schema: .string)
      }, headers: [.entityTag]),
    Answer(
      status: 304, detail: "It is still what `If-None-Match` names.", contents: [],
      headers: [.entityTag]),
  ]
}
