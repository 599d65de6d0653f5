"""What the console's addresses show where the console was not built."""

UNBUILT = b"""<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Flaghoist: the console is not built</title>
    <style>
      body { font: 1rem/1.6 system-ui, sans-serif; max-width: 38rem; margin: 3rem auto; padding: 0 1rem }
      pre { padding: 1rem; border: 1px solid; border-radius: .5rem; overflow-x: auto }
    </style>
  </head>
  <body>
    <h1>The console is not built yet</h1>
    <p>The server runs: SDKs, events and the API are served. Only the pages for people are missing, because this is a
      source tree in which nobody has built them. Stop the server and start it with</p>
    <pre><code>make run</code></pre>
    <p>which builds them first and brings Node where there is none. With Node 20.19 or newer, this does it too:</p>
    <pre><code>cd web &amp;&amp; npm ci &amp;&amp; npm run build</code></pre>
    <p>Released packages carry the console built. Meanwhile, the API is at <a href="/api/v2">/api/v2</a> and describes
      itself at <a href="/api/v2/openapi.json">/api/v2/openapi.json</a>.</p>
  </body>
</html>
"""
