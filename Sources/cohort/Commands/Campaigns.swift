import CohortFormat
import CohortLedger
import CohortModel
import CohortServer
import CohortWire

/// What campaigns and Canvases have in common: all but the word.
private struct CampaignWords: Sendable {
  let kind: CampaignKind
  /// As commands call them.
  let subject: String

  static let campaigns = CampaignWords(kind: .campaign, subject: "campaigns")
  static let canvases = CampaignWords(kind: .canvas, subject: "canvases")

  var example: String { "\(kind.name):3" }
  var operand: Operand { Operand(kind.name.uppercased(), "as in \(example)") }
  /// Of the contract.
  var path: String { kind == .campaign ? "/campaigns" : "/canvas" }
}

extension Subcommand {
  static let campaigns = commands(.campaigns)
  static let canvases = commands(.canvases)

  private static func commands(_ words: CampaignWords) -> [Subcommand] {
    let (subject, noun) = (words.subject, words.kind == .campaign ? "campaign" : "Canvas")
    return [
      Subcommand(
        "\(subject) create",
        [.file("the \(noun) as JSON: name, audience, description?, tags?")],
        summary: "Save a new \(noun), and print its id.",
        notes: ["{\"name\":\"Autumn\",\"audience\":{\"segments\":[\"segment:1\"]}}"],
        examples: ["\(subject) create autumn.json"]
      ) { try $0.saveCampaign(words, "create") },
      Subcommand(
        "\(subject) update",
        [.file("as for create, with \(words.kind.idKey); what is left out stays")],
        summary: "Save a new version of a \(noun).", examples: ["\(subject) update autumn.json"]
      ) { try $0.saveCampaign(words, "update") },
      Subcommand(
        "\(subject) list", [], [.asOf, Option("include-archived", nil, "archived ones too")],
        summary: "List them, with the number of their launches.", examples: ["\(subject) list"]
      ) { try $0.listCampaigns(words) },
      Subcommand(
        "\(subject) show", [words.operand], [.asOf],
        summary: "Show a \(noun): its audience, version and launches.",
        examples: ["\(subject) show \(words.example)"]
      ) { try $0.showCampaign(words.kind) },
      Subcommand(
        "\(subject) archive", [words.operand], summary: "Refuse launches of a \(noun) from now on.",
        examples: ["\(subject) archive \(words.example)"]
      ) { try $0.setCampaignArchived(words, true) },
      Subcommand(
        "\(subject) restore", [words.operand], summary: "Bring an archived \(noun) back.",
        examples: ["\(subject) restore \(words.example)"]
      ) { try $0.setCampaignArchived(words, false) },
      Subcommand(
        "\(subject) launch", [words.operand],
        [
          Option(
            "idempotency-key", "KEY",
            "launch once, however often the command is given with this key"),
          Option("expected-version", "VERSION", "launch only if this version is current"),
        ],
        summary: "Freeze the audience of a \(noun), and print the send's id.",
        examples: [
          "\(subject) launch \(words.example)",
          "\(subject) launch \(words.example) --idempotency-key autumn-2026",
        ]
      ) { try $0.launch(words) },
    ]
  }
}

extension Invocation {
  fileprivate func saveCampaign(_ words: CampaignWords, _ verb: String) throws -> ExitCode {
    let body = try InputFile(arguments.operands[0], console).all(limit: 1 << 20)
    return try write("\(words.path)/\(verb)", body) { done in
      guard case .savedCampaign(let campaign, let version) = done.committed.answer else { return }
      try console.line(campaign.description)
      console.say("\(campaign) has version \(version) (\(done.committed.position)).")
    }
  }

  fileprivate func setCampaignArchived(
    _ words: CampaignWords, _ isArchived: Bool
  ) throws -> ExitCode {
    let id = arguments.operands[0]
    return try write(
      "\(words.path)/\(isArchived ? "archive" : "restore")", [words.kind.idKey: .string(id)]
    ) { done in
      let state = isArchived ? "archived" : "active"
      console.say("\(id) is \(state) (\(done.committed.position)).".harmless)
    }
  }

  fileprivate func listCampaigns(_ words: CampaignWords) throws -> ExitCode {
    try reading { ledger in
      let view = try view(ledger)
      let campaigns = view.campaigns(of: words.kind).filter {
        arguments.has("include-archived")
          || !view.state.campaigns.isArchived($0.campaign, at: view.position)
      }
      if wantsJSON {
        try console.json { json in
          json.object { json in
            json.asOf(view.asOfShape)
            json.key(words.subject)
            json.array { json in for saved in campaigns { json.campaign(saved, view) } }
          }
        }
        return .done
      }
      var table = Table([words.kind.name.uppercased(), "VERSION", "STATE", "SENDS", "NAME"])
      for saved in campaigns {
        let isArchived = view.state.campaigns.isArchived(saved.campaign, at: view.position)
        table.row([
          Array(saved.campaign.description.utf8), Array(String(saved.version).utf8),
          Array((isArchived ? "archived" : "active").utf8),
          Array(String(view.sends(of: saved.campaign).count).utf8), saved.name.bytes,
        ])
      }
      try table.print(console)
      return .done
    }
  }

  fileprivate func launch(_ words: CampaignWords) throws -> ExitCode {
    var members = [JSONText.Member(words.kind.idKey, .string(arguments.operands[0]))]
    if let version = try number("expected-version") {
      guard version <= UInt32.max else {
        throw Failure.usage("--expected-version \(version) is no version. Take it from 'show'.")
      }
      members.append(JSONText.Member("expected_version", .integer(Int64(version))))
    }
    let body = JSONText.object(members).bytes
    let path = "\(words.path)/launch"
    let request = try WriteRequest(Routes.find(.post, path).get(), body: JSONValue(body: body))
    let idempotency = try idempotency(Array("POST \(path) ".utf8) + body)
    return try writing { ledger in
      let done = try ledger.carryOut(request, by: .local, idempotency)
      if wantsJSON {
        try console.line(done.reply.body)
        return .done
      }
      // A repeated launch is answered with the same words, from what the log kept.
      let answer = try JSONDocument(parsing: done.reply.body).root
      try console.line(Array(answer["send_id"]?.string ?? []))
      if let frozen = done.frozen, !done.reply.isReplayed {
        console.say(
          "Launched to \(frozen.size) users as of \(frozen.position) "
            + "(\(done.committed.position)).")
      } else {
        console.say("This key has launched it before; nothing was sent again.")
      }
      return .done
    }
  }

  /// Of `--idempotency-key`; `nil` if there is none.
  private func idempotency(_ request: [UInt8]) throws(Failure) -> Idempotency? {
    guard let key = arguments.value("idempotency-key").map({ Array($0.utf8) }) else { return nil }
    guard (1...255).contains(key.count), key.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw .usage("An idempotency key has 1 to 255 printable ASCII characters. Give such a one.")
    }
    return Idempotency(key: key, fingerprint: SHA256.digest(of: request))
  }
}

extension View {
  /// Every campaign or Canvas that exists here, in its version of here.
  fileprivate func campaigns(of kind: CampaignKind) -> [CampaignSaved] {
    state.campaigns.records(of: kind).compactMap { $0.versions.value(at: position) }
  }

  fileprivate func sends(of campaign: CampaignReference) -> [SendRecord] {
    state.campaigns[campaign].sends.compactMap { state.campaigns[$0] }
      .filter { $0.position <= position }
  }
}

extension JSONWriter {
  fileprivate mutating func campaign(_ saved: CampaignSaved, _ view: View) {
    object { json in
      json.member("id", saved.campaign.description)
      json.member("name", saved.name)
      json.member(
        "last_edited",
        view.state.campaigns[saved.campaign].versions.version(at: view.position)?.time)
      json.member("is_api_campaign", false)
      json.member("tags", saved.tags)
      json.member("version", saved.version)
      json.member("archived", view.state.campaigns.isArchived(saved.campaign, at: view.position))
      json.key("sends")
      json.array { json in
        for send in view.sends(of: saved.campaign) { json.string(send.frozen.send.description) }
      }
    }
  }
}
