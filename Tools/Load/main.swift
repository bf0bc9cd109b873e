// swift build -c release --product cohort && swift run -c release load [imports|pages|feed|…]
//
// Drives the real server, a process of its own, over loopback, from this process: both share the
// processors. Without a word: all but `stream` and `sync` (ten million users) and `soak` (ten
// minutes).

import Foundation

let words = Set(CommandLine.arguments.dropFirst())
let known: Set = [
  "imports", "imports-36", "light", "disk", "pages", "feed", "idle", "stream", "sync",
  "soak",
]

func run() throws {
  guard words.isSubset(of: known) else {
    throw Trouble("load knows only \(known.sorted().joined(separator: ", ")).")
  }
  let chosen = words.isEmpty ? known.subtracting(["stream", "sync", "soak"]) : words
  if !chosen.isDisjoint(with: known.subtracting(["stream", "sync", "imports-36"])) {
    try with(users: 1_000_000, idBytes: 13) { shop in
      if chosen.contains("disk") { try measureDisk(shop.folder) }
      if chosen.contains("light") { try measureLight(shop, seconds: 5) }
      if !chosen.isDisjoint(with: ["imports", "pages", "feed"]) {
        try measureImports(shop, seconds: 30, connections: 64)
      }
      if chosen.contains("pages") { try measurePages(shop, seconds: 5) }
      if chosen.contains("feed") { try measureFeed(shop) }
      if chosen.contains("idle") { try measureIdle(shop, count: 10_000) }
      if chosen.contains("soak") { try measureSoak(shop, minutes: 10) }
    }
  }
  if chosen.contains("imports-36") {
    try with(users: 1_000_000, idBytes: 36) { shop in
      try measureImports(shop, seconds: 30, connections: 64)
    }
  }
  if chosen.contains("sync") {
    try with(users: 10_250_000, idBytes: 13) { try measureSync($0, rows: 10_000_000) }
  }
  if chosen.contains("stream") {
    try with(users: 10_000_000, idBytes: 13) { shop in
      try shop.fill("everyone")
      try measureStream(shop, cohort: "everyone")
    }
  }
}

func with(users: Int, idBytes: Int, _ body: (Shop) throws -> Void) throws {
  let shop = try Shop(users: users, idBytes: idBytes)
  defer { shop.remove() }
  try shop.start()
  try body(shop)
  try shop.stop()
}

do { try run() } catch {
  print("load: \(error)")
  exit(1)
}
