"""Images from outside: an archive or a folder becomes one row per image, with the pictures kept beside the
rows.

    archive     which files there are, within limits; reads one at a time
    names       what they are called
    layouts     how they are arranged: by tables, annotations, keys or folders; labels not used
    tables      a table that names images: CSV, JSON or Parquet; places: which image a cell names
    boxes       annotations of objects; keypoints: theirs; skeletons: of several files, in one order
    decode      one image, whatever its mode, as RGB of eight bits; holes: of JPEGs;
                number_tiff: TIFFs that Pillow does not read
    measures    what is measured of each image
    packs       originals, thumbnails and small copies on the disk
    taking      all of it, image by image

Runs in the child that reads what comes from outside (`core.loading.child`).
"""
