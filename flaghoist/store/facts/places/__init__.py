"""Places: where the lake's files are, and how they come to be there.

| to                                   | call                                        | where    |
|--------------------------------------|---------------------------------------------|----------|
| know what a place must do            | ``Place``, ``Found``, ``Damaged``           | port     |
| keep files in a folder               | ``Folder(path)``                            | folder   |
| keep them on object storage          | ``Bucket(store, name, cache)``              | bucket   |
| … and near those that ask            | ``Cache(folder, limit_bytes, …)``           | cache    |
| open the place that settings name    | ``bucket_at(url, …)``                       | address  |

Files never change: each is written whole under a name of its own, which ends with a checksum of its content, and is
there for everybody or for nobody. Which of them count says the list in the state store.
"""
