// swift run -c release bench [hashes|format|sets|wire|directory|decide|history|log|users|…]
//
// Without a word, everything is measured. Each figure is the median of runs of more than a second.

let words = CommandLine.arguments.dropFirst()
if words.isEmpty || words.contains("hashes") { benchHashes() }
if words.isEmpty || words.contains("format") { benchFormat() }
if words.isEmpty || words.contains("sets") { benchSets() }
if words.isEmpty || words.contains("wire") { benchWire() }
if words.isEmpty || words.contains("directory") { benchDirectory() }
if words.isEmpty || words.contains("decide") { benchDecide() }
if words.isEmpty || words.contains("history") { benchHistory() }
if words.isEmpty || words.contains("log") { benchLog() }
if words.isEmpty || words.contains("users") { benchUsers() }
if words.isEmpty || words.contains("restart") { benchRestart(millions: [20, 100]) }
if words.isEmpty || words.contains("reads") { benchReads(users: 10_000_000) }
if words.contains("reads-1") { benchReads(users: 1_000_000) }
if words.contains("restart-20") { benchRestart(millions: [20]) }
if words.contains("restart-1") { benchRestart(millions: [1]) }
