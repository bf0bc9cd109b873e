// The pages for people.

extension Operation {
  static let console = Operation(
    "Open the console", "Needs no key: nothing of the ledger stands in the page itself.",
    fields: [.ifNoneMatch], answers: files)

  static let consoleFile = Operation(
    "Fetch a file of the console", fields: [.ifNoneMatch], answers: files)

  static let session = Operation(
    "Ask who is signed in", "Of a REST key too, without any permission.",
    answers: [.json(200, "Somebody is.", who)], failures: [.forbidden, .tooManyRequests])

  static let signIn = Operation(
    "Sign in to the console",
    "With the code of a link that `cohort serve` or `cohort console` has printed, which signs in as "
      + "the operator, once and within 10 minutes; or with a REST key, whose permissions rule. A "
      + "session ends after 12 hours, with its key, and with the server.",
    body: .json(
      .closed(
        optional: [
          "code": .string.described("What stands behind `#sign-in=` in a link."),
          "key": .string.described("The secret of a REST key."),
        ]),
      example: ["code": "dGhpcyBpcyBub3QgYSBjb2RlIG9mIGFueSBsaW5rIQ"]),
    fields: [.cohortConsole],
    answers: [
      Answer(
        status: 200, detail: "Signed in.",
        contents: [Content(type: "application/json", schema: who)], headers: [.setCookie])
    ], failures: [.forbidden, .tooManyRequests])

  static let signOut = Operation(
    "Sign out of the console", fields: [.cohortConsole],
    answers: [
      Answer(
        status: 200, detail: "Nobody is signed in any more.",
        contents: [
          Content(type: "application/json", schema: .object(["message": .constant("success")]))
        ], headers: [.setCookie])
    ], failures: [.forbidden])

  private static let who = Schema.object([
    "as_of": .named(.asOf),
    "key": .named(.keyID).described("`key:0` is the operator."),
    "label": .string.described("What the key was called when it was issued."),
    "permissions": .array(of: .named(.permission)),
    "expires_at": .time.orNull.described("When the session ends by itself; null for a key."),
    "takes_writes": .boolean.described("Whether this server writes at all."),
  ])

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
