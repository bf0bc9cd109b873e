internal import CohortModel

// CONTRACT part 2: campaigns and Canvases, which have the same words.

extension Operation {
  private static func id(_ kind: CampaignKind) -> JSONText.Member {
    JSONText.Member(kind.idKey, .string("\(kind.name):3"))
  }

  private static func title(_ kind: CampaignKind) -> String {
    kind == .campaign ? "campaign" : "Canvas"
  }

  private static let audienceExample: JSONText = ["segments": ["segment:3"]]

  private static func saved(_ kind: CampaignKind) -> Answer {
    .json(
      201, "The definition is durable.",
      .allOf([
        .object(["message": .constant("success"), "position": .position, "version": .version]),
        .object(of: .string, under: [kind.idKey]),
      ]),
      example: .object([
        JSONText.Member("message", "success"), id(kind), JSONText.Member("version", 1),
        JSONText.Member("position", 42),
      ]))
  }

  /// The schema of a body that names one and may say more.
  private static func naming(_ kind: CampaignKind, _ more: Schema? = nil) -> Schema {
    let name = Schema.object(of: .string, under: [kind.idKey])
    // Nothing else is taken: said once, of all that stands in either part.
    return more.map { Schema.allOf([name, $0]).with("unevaluatedProperties", false) }
      ?? name.with("additionalProperties", false)
  }

  static func create(_ kind: CampaignKind) -> Operation {
    Operation(
      "Create a \(title(kind))", "Its audience is in all of the segments named.",
      body: .json(
        .closed(
          ["name": .text(1...1_024), "audience": .named(.audience)],
          optional: [
            "description": .description, "tags": .tags, "expected_version": .version,
          ]),
        example: ["name": "Thank you", "audience": audienceExample]),
      fields: [.idempotencyKey], answers: [saved(kind)])
  }

  static func update(_ kind: CampaignKind) -> Operation {
    Operation(
      "Change a \(title(kind))",
      "What is not named stays. With `expected_version`, only if nobody was faster.",
      body: .json(
        naming(
          kind,
          .open(optional: [
            "name": .text(1...1_024), "audience": .named(.audience),
            "description": .description, "tags": .tags, "expected_version": .version,
          ])),
        example: .object([id(kind), JSONText.Member("name", "Thanks")])),
      fields: [.idempotencyKey], answers: [saved(kind)], failures: [.notFound])
  }

  static func archive(_ kind: CampaignKind) -> Operation {
    onOne(kind, "Archive a \(title(kind))", "It can no longer be launched.")
  }

  static func restore(_ kind: CampaignKind) -> Operation {
    onOne(kind, "Restore an archived \(title(kind))", "")
  }

  private static func onOne(
    _ kind: CampaignKind, _ summary: String, _ detail: String
  ) -> Operation {
    Operation(
      summary, detail, body: .json(naming(kind), example: .object([id(kind)])),
      fields: [.idempotencyKey],
      answers: [
        .written(
          "It is so.", optional: ["dependants": Schema.named(.dependants).orNull])
      ],
      failures: [.notFound])
  }

  static func launch(_ kind: CampaignKind) -> Operation {
    Operation(
      "Launch a \(title(kind))",
      "Freezes the audience as it is. Needs an `Idempotency-Key`: a double click is one send. With "
        + "`expected_version`, only if that is current.",
      body: .json(
        naming(kind, .open(optional: ["expected_version": .version])),
        example: .object([id(kind), JSONText.Member("expected_version", 1)])),
      fields: [.idempotencyKey],
      answers: [
        .written(
          "The audience is frozen.", ["send_id": .string],
          optional: [
            "size": Schema.count.orNull, "digest": Schema.named(.digest).orNull,
          ],
          example: [
            JSONText.Member("send_id", "send:3"), JSONText.Member("size", 1_204),
            JSONText.Member("digest", .string(String(repeating: "5e", count: 32))),
          ])
      ], failures: [.notFound])
  }

  static func list(_ kind: CampaignKind) -> Operation {
    let key = kind == .campaign ? "campaigns" : "canvases"
    return Operation(
      "List \(kind == .campaign ? "campaigns" : "Canvases")",
      "100 a page; archived ones only with `include_archived`. `search` finds a text in names, ids "
        + "and tags.",
      answers: [
        .json(
          200, "A page of them.",
          .allOf([
            .object(["message": .constant("success"), "as_of": .named(.asOf)]),
            .object(of: .array(of: .campaignItem), under: [key]),
          ]))
      ])
  }

  static let campaignDetails = Operation(
    "Show a campaign", answers: [.json(200, "Its definition and its sends.", .campaignDetails)],
    failures: [.notFound])

  static let canvasDetails = Operation(
    "Show a Canvas", answers: [.json(200, "Its definition and its sends.", .canvasDetails)],
    failures: [.notFound])

  static let audience = Operation(
    "List whom a send went to",
    "The list as it was frozen. `verify=true` computes it again and compares the digest.",
    answers: [
      .list(
        "In the order of their numbers.", "members", of: .named(.member),
        [
          "send_id": .string, "version": .version, "launched_at": .time, "size": .count,
          "digest": .named(.digest), "count": .count,
        ],
        optional: [
          "verified": .boolean, "gone": .count, "campaign_id": .string, "canvas_id": .string,
        ])
    ], failures: [.notFound])
}
